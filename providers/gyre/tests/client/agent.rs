//! `gyre agent`.

use crate::fake::{Answer, Fake};
use crate::others::json_answer;
use crate::{command, gyre};
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::Stdio;

#[test]
fn agents_are_listed() {
    let agents = json!({"agents": [
        {"id": "researcher", "description": "answers", "tools": []},
        {"id": "broken", "description": null, "error": "no answer"},
    ]});
    let fake = Fake::start(vec![
        json_answer(&agents),
        json_answer(&agents),
        json_answer(&json!({"agents": [1]})),
        json_answer(&json!({"agents": []})),
    ]);
    let ran = gyre(&["agent", "list", "--url", &fake.url]);
    let expected = "\
AGENT       TOOLS  DESCRIPTION
researcher  -      answers
broken      -      does not answer: no answer
";
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), expected));
    let ran = gyre(&["agent", "list", "--json", "--url", &fake.url]);
    assert_eq!(serde_json::from_str::<Value>(&ran.stdout).expect("JSON"), agents);
    let ran = gyre(&["agent", "list", "--url", &fake.url]);
    assert!(ran.stderr.contains("cannot be read"), "{}", ran.stderr);
    assert_eq!(ran.code, Some(1));
    let ran = gyre(&["agent", "list", "--url", &fake.url]);
    assert!(ran.stderr.contains("gyre agent create"), "{}", ran.stderr);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""));
    fake.finish();
}

#[test]
fn an_agent_is_made_shown_and_deleted() {
    let persona = json!({"id": "poet", "description": "rhymes", "system": "Rhyme."});
    let shown =
        json!({"id": "poet", "description": "rhymes", "tools": [], "created": true, "persona": persona});
    let fake = Fake::start(vec![
        Answer::Whole(201, "application/json", shown.to_string()),
        json_answer(&shown),
        Answer::Whole(204, "", String::new()),
    ]);
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("poet.json"), persona.to_string()).expect("a file");
    let ran = |args: &[&str]| -> crate::Ran {
        let args = [args, &["--url", &fake.url]].concat();
        command(folder.path(), &args).output().expect("gyre runs").into()
    };
    let made = ran(&["agent", "create", "poet.json"]);
    assert_eq!((made.code, made.stdout.as_str()), (Some(0), "created poet\n"));
    let told = ran(&["agent", "show", "poet"]);
    assert!(
        told.stdout.contains("created      yes\n\nRhyme.\n"),
        "{}",
        told.stdout
    );
    let gone = ran(&["agent", "delete", "poet"]);
    assert_eq!((gone.code, gone.stdout.as_str()), (Some(0), "deleted poet\n"));
    let asked = fake.finish();
    let lines: Vec<&str> = asked.iter().map(|asked| asked.line.as_str()).collect();
    assert_eq!(
        lines,
        [
            "POST /api/v1/agents",
            "GET /api/v1/agents/poet",
            "DELETE /api/v1/agents/poet"
        ]
    );
    let sent: Value = serde_json::from_str(&asked[0].body).expect("JSON");
    assert_eq!(sent, persona);
}

#[test]
fn a_refused_persona_is_told_in_the_servers_words() {
    let body = r#"{"type":"urn:gyre:error:persona-invalid","detail":"tools: there is no tool teleport","hint":"the tools are calculate"}"#;
    let fake = Fake::start(vec![Answer::Whole(422, "application/problem+json", body.into())]);
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = command(folder.path(), &["agent", "create", "-", "--url", &fake.url])
        .stdin(Stdio::piped())
        .spawn()
        .expect("gyre runs");
    let mut stdin = child.stdin.take().expect("stdin");
    stdin.write_all(b"{\"id\":\"x\"}").expect("gyre reads");
    drop(stdin);
    let ran = crate::Ran::from(child.wait_with_output().expect("gyre ends"));
    assert_eq!(
        ran.stderr,
        "error: tools: there is no tool teleport\nhint: the tools are calculate\n"
    );
    assert_eq!(ran.code, Some(1));
    fake.finish();
}

#[test]
fn a_file_that_is_no_persona_is_not_sent() {
    let url = crate::nowhere();
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("bad.json"), "[1]").expect("a file");
    for (file, code, expected) in [
        ("bad.json", 2, "error: bad.json: the persona is no JSON object"),
        ("none.json", 1, "error: cannot read none.json"),
    ] {
        let args = ["agent", "create", file, "--url", &url];
        let ran: crate::Ran = command(folder.path(), &args).output().expect("gyre runs").into();
        assert_eq!(ran.code, Some(code), "{}", ran.stderr);
        assert!(
            ran.stderr.starts_with(expected) && ran.stderr.contains("\nhint: "),
            "{}",
            ran.stderr
        );
    }
}
