//! `gyre chat` without an input, on a terminal that `script` makes.

use crate::chat::{answer, chunks, text};
use crate::command;
use crate::fake::{Answer, Fake};
use crate::others::json_answer;
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};

const CTRL_C: &[u8] = b"\x03";
const CTRL_D: &[u8] = b"\x04";

/// A conversation whose terminal is this test.
struct Terminal {
    child: Child,
    shown: String,
}

impl Terminal {
    fn open(url: &str, args: &[&str]) -> Self {
        let folder = std::env::temp_dir();
        // What the test's environment has is taken away in one place.
        let plain = command(&folder, &[]);
        let line = [&["chat", "a", "--url", url], args].concat().join(" ");
        let mut command = Command::new("script");
        command
            .args(["--quiet", "--return", "--command"])
            .arg(format!("{} {line}", env!("CARGO_BIN_EXE_gyre")))
            .arg("/dev/null")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        for (name, value) in plain.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let child = command.spawn().expect("script runs");
        Self {
            child,
            shown: String::new(),
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        let stdin = self.child.stdin.as_mut().expect("stdin");
        stdin.write_all(bytes).expect("gyre reads");
        stdin.flush().expect("gyre reads");
    }

    /// Reads until the text is shown.
    fn expect(&mut self, text: &str) {
        let stdout = self.child.stdout.as_mut().expect("stdout");
        let mut byte = [0];
        let mut bytes = Vec::new();
        while !String::from_utf8_lossy(&bytes).contains(text) {
            let read = stdout.read(&mut byte).expect("gyre writes");
            assert!(read > 0, "no {text:?} in {:?}", String::from_utf8_lossy(&bytes));
            bytes.push(byte[0]);
        }
        self.shown += &String::from_utf8_lossy(&bytes);
    }

    fn end(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        let stdout = self.child.stdout.as_mut().expect("stdout");
        stdout.read_to_string(&mut rest).expect("gyre writes");
        (self.child.wait().expect("gyre ends").code(), self.shown + &rest)
    }
}

fn agent() -> Answer {
    json_answer(&json!({"id": "a", "description": "d", "memory": true}))
}

#[test]
fn questions_of_a_conversation_share_a_session() {
    let events = || Answer::Events(chunks(&answer()));
    let fake = Fake::start(vec![agent(), events(), events()]);
    let mut terminal = Terminal::open(&fake.url, &[]);
    terminal.expect("Ctrl-D ends");
    terminal.expect("> ");
    terminal.write(b"How?\n");
    terminal.expect("lexical only");
    terminal.expect("> ");
    terminal.write(b"Why?\n");
    terminal.expect("lexical only");
    terminal.expect("> ");
    terminal.write(CTRL_D);
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(0), "{shown}");
    let asked = fake.finish();
    let body = |at: usize| serde_json::from_str::<Value>(&asked[at].body).expect("JSON");
    assert_eq!(
        (&body(1)["input"], &body(2)["input"]),
        (&json!("How?"), &json!("Why?"))
    );
    let session = body(1)["session"].as_str().expect("a session").to_owned();
    assert_eq!(body(2)["session"], session);
    assert!(
        shown.contains(&format!("hint: go on with `gyre chat a --session {session}`")),
        "{shown}"
    );
}

#[test]
fn ctrl_c_cancels_an_answer_and_twice_ends() {
    let fake = Fake::start(vec![agent(), Answer::OpenEvents(chunks(&[text("so far")]))]);
    let mut terminal = Terminal::open(&fake.url, &["--session", "s"]);
    terminal.expect("> ");
    terminal.write(b"How?\n");
    terminal.expect("so far");
    terminal.write(CTRL_C);
    terminal.expect("cancelled");
    terminal.expect("> ");
    terminal.write(CTRL_C);
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(130), "{shown}");
    // The script only comes to its end when the client has hung up.
    assert_eq!(fake.finish().len(), 2);
}

#[test]
fn an_agent_without_memory_gets_no_session() {
    let forgets = json_answer(&json!({"id": "a", "description": "d", "memory": false}));
    let fake = Fake::start(vec![forgets, Answer::Events(chunks(&answer()))]);
    let mut terminal = Terminal::open(&fake.url, &[]);
    terminal.expect("keeps no memory");
    terminal.expect("> ");
    terminal.write(b"How?\n");
    terminal.expect("lexical only");
    terminal.expect("> ");
    terminal.write(CTRL_D);
    assert_eq!(terminal.end().0, Some(0));
    let asked = fake.finish().remove(1);
    assert_eq!(
        serde_json::from_str::<Value>(&asked.body)
            .expect("JSON")
            .get("session"),
        None
    );
}
