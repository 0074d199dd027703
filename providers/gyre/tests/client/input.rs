//! What goes into `gyre chat`: stdin and Ctrl-C.

use crate::chat::{answer, chunks, text};
use crate::fake::{Answer, Fake};
use crate::{Ran, command, nowhere};
use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

#[test]
fn ctrl_c_interrupts_and_hangs_up() {
    let fake = Fake::start(vec![Answer::OpenEvents(chunks(&[text("so far")]))]);
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = command(folder.path(), &["chat", "a", "b", "--url", &fake.url])
        .spawn()
        .expect("gyre runs");
    let mut first = [0; 6];
    child
        .stdout
        .as_mut()
        .expect("stdout")
        .read_exact(&mut first)
        .expect("text comes while the run goes on");
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .expect("kill runs");
    assert!(killed.success());
    let ran = Ran::from(child.wait_with_output().expect("gyre ends"));
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (Some(130), "error: interrupted\n")
    );
    // The script only comes to its end when the client has hung up.
    assert_eq!(fake.finish().len(), 1);
}

#[test]
fn input_comes_from_stdin() {
    let fake = Fake::start(vec![Answer::Events(chunks(&answer()))]);
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = command(folder.path(), &["chat", "researcher", "-", "--url", &fake.url]);
    let mut child = command.stdin(Stdio::piped()).spawn().expect("gyre runs");
    child
        .stdin
        .take()
        .expect("stdin")
        .write_all("Why?\n".as_bytes())
        .expect("gyre reads");
    assert!(fake.next().body.contains(r#""input":"Why?\n""#));
    assert_eq!(
        child.wait_with_output().expect("gyre ends").status.code(),
        Some(0)
    );
}

#[test]
fn bad_input_is_refused_before_it_is_sent() {
    let url = nowhere();
    let folder = tempfile::tempdir().expect("a folder");
    let large = vec![b'a'; 256 * 1024 + 1];
    let cases: [(&[u8], &str); 3] = [
        (b" \n", "is empty"),
        (b"\xff", "is not UTF-8"),
        (&large, "is larger than 262144 bytes"),
    ];
    for (input, expected) in cases {
        let mut command = command(folder.path(), &["chat", "a", "-", "--url", &url]);
        let mut child = command.stdin(Stdio::piped()).spawn().expect("gyre runs");
        child
            .stdin
            .take()
            .expect("stdin")
            .write_all(input)
            .expect("gyre reads");
        let ran = Ran::from(child.wait_with_output().expect("gyre ends"));
        assert_eq!(ran.code, Some(2), "{expected}");
        assert!(
            ran.stderr.contains(expected) && ran.stderr.contains("hint: "),
            "{}",
            ran.stderr
        );
    }
}
