//! `gyre chat`.

use crate::fake::{Answer, Fake};
use crate::{Ran, gyre, nowhere};
use gyre_agent_wire::{Event, Mode, RetrievalState, Span, Usage, sse};

pub(crate) fn text(text: &str) -> Event {
    Event::TextDelta {
        text: text.to_owned(),
    }
}

fn done() -> Event {
    Event::Done {
        finish_reason: "stop".into(),
        model: "gyre-extractive".into(),
        usage: Usage {
            prompt_tokens: 7,
            completion_tokens: 3,
        },
        retrieval: Some(RetrievalState {
            mode: Mode::Lexical,
            embedding_model: None,
            reason: Some("no embedding model".into()),
        }),
        citations_removed: 0,
    }
}

pub(crate) fn answer() -> Vec<Event> {
    vec![
        Event::RunStarted {
            run_id: "run-1".into(),
            agent: "researcher".into(),
            session: None,
        },
        text("Each call has "),
        text("its own sandbox. [1]"),
        Event::Citation {
            mark: 1,
            source: "docs/a.md".into(),
            span: Span {
                start_line: 12,
                end_line: 18,
            },
            quote: "its own sandbox".into(),
        },
        done(),
    ]
}

/// The wire form, in chunks that end in the middle of events.
pub(crate) fn chunks(events: &[Event]) -> Vec<String> {
    let wire: String = (0..)
        .zip(events)
        .map(|(id, event)| sse::render(id, event))
        .collect();
    let half = wire.len() / 2;
    vec![wire[..half].to_owned(), wire[half..].to_owned()]
}

fn chat(answer: Answer, more: &[&str]) -> (Ran, String) {
    let fake = Fake::start(vec![answer]);
    let ran = gyre(&[&["chat", "researcher", "How?", "--url", &fake.url], more].concat());
    let asked = fake.finish().remove(0);
    assert_eq!(asked.line, "POST /api/v1/agents/researcher/chat");
    (ran, asked.body)
}

#[test]
fn an_answer_streams_with_its_citations_and_its_model() {
    let (ran, body) = chat(Answer::Events(chunks(&answer())), &["--model", "m"]);
    assert_eq!(
        ran.stdout,
        "Each call has its own sandbox. [1]\n\n[1] docs/a.md:12-18\n"
    );
    assert_eq!(
        ran.stderr,
        "model: gyre-extractive; retrieval: lexical only: no embedding model\n"
    );
    assert_eq!(ran.code, Some(0));
    let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(
        body,
        serde_json::json!({"input": "How?", "model": "m", "stream": true})
    );
}

#[test]
fn a_session_is_passed_on_and_told() {
    let events = |session: &str| {
        let mut events = answer();
        events[0] = Event::RunStarted {
            run_id: "run-1".into(),
            agent: "researcher".into(),
            session: Some(session.into()),
        };
        Answer::Events(chunks(&events))
    };
    let (ran, body) = chat(events("notes"), &["--session", "notes"]);
    let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(body["session"], "notes");
    assert!(ran.stderr.ends_with("; session: notes\n"), "{}", ran.stderr);
    let (ran, body) = chat(events("x"), &["--new-session"]);
    let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    let made = body["session"].as_str().expect("a session");
    assert!(made.starts_with("chat-2"), "{made}");
    let hint = format!("hint: go on with `gyre chat researcher --session {made}`\n");
    assert!(ran.stderr.ends_with(&hint), "{}", ran.stderr);
    let (ran, _) = chat(events("notes"), &["--session", "notes", "--json"]);
    let folded: serde_json::Value = serde_json::from_str(&ran.stdout).expect("one JSON object");
    assert_eq!(
        (&folded["session"], &folded["citations_removed"]),
        (&"notes".into(), &0.into())
    );
}

#[test]
fn calls_of_tools_are_told_on_stderr() {
    let call = |id: &str| Event::ToolCall {
        id: id.into(),
        name: "calculate".into(),
        arguments: serde_json::json!({"expression": "2+2"}),
    };
    let result = |id: &str, is_error, content: &str| Event::ToolResult {
        id: id.into(),
        name: "calculate".into(),
        is_error,
        content: Some(content.into()),
        passages: None,
        retrieval: None,
    };
    let events = || {
        let mut events = vec![
            call("1"),
            result("1", false, "4"),
            text("It is"),
            call("2"),
            result("2", true, "division by zero"),
            text(" 4."),
        ];
        let Event::Done { model, usage, .. } = done() else {
            panic!("not done")
        };
        events.push(Event::Done {
            finish_reason: "stop".into(),
            model,
            usage,
            retrieval: None,
            citations_removed: 1,
        });
        Answer::Events(chunks(&events))
    };
    let (ran, _) = chat(events(), &[]);
    assert_eq!(ran.stdout, "It is\n 4.\n");
    let called = "→ calculate {\"expression\":\"2+2\"}\n";
    assert_eq!(
        ran.stderr,
        format!(
            "{called}← 4\n{called}✗ calculate failed: division by zero\n\
             model: gyre-extractive; 1 citation removed\n"
        )
    );
    let (ran, _) = chat(events(), &["--json"]);
    assert_eq!(ran.stderr, "✗ calculate failed: division by zero\n");
}

#[test]
fn json_is_the_folded_answer() {
    let (ran, _) = chat(Answer::Events(chunks(&answer())), &["--json"]);
    let folded: serde_json::Value = serde_json::from_str(&ran.stdout).expect("one JSON object");
    assert_eq!(folded["output"], "Each call has its own sandbox. [1]");
    assert_eq!(folded["model"], "gyre-extractive");
    assert_eq!(folded["citations"][0]["span"]["start_line"], 12);
    assert_eq!(folded["retrieval"]["mode"], "lexical");
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_cut_stream_is_never_a_success() {
    let whole = answer();
    let cases = [
        ("a clean end without `done`", Answer::Events(chunks(&whole[..4]))),
        ("a closed connection", Answer::CutEvents(chunks(&whole[..4]))),
        ("nothing", Answer::Events(Vec::new())),
    ];
    for (name, cut) in cases {
        let (ran, _) = chat(cut, &[]);
        assert_eq!(ran.code, Some(1), "{name}");
        assert!(
            ran.stderr
                .starts_with("error: the answer was cut, what was printed is not whole"),
            "{name}: {}",
            ran.stderr
        );
        assert!(!ran.stdout.contains("docs/a.md"), "{name}");
    }
    let (ran, _) = chat(Answer::CutEvents(chunks(&whole[..4])), &["--json"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""));
}

#[test]
fn a_run_that_fails_says_why() {
    let cases = [("internal", Some(1)), ("model-not-found", Some(69))];
    for (kind, code) in cases {
        let events = [
            text("so far"),
            Event::error(kind, "no model m", "name another with --model"),
        ];
        let (ran, _) = chat(Answer::Events(chunks(&events)), &[]);
        assert_eq!(ran.stdout, "so far\n");
        assert_eq!(ran.stderr, "error: no model m\nhint: name another with --model\n");
        assert_eq!(ran.code, code);
    }
}

#[test]
fn a_problem_is_told_with_its_cure() {
    let body = r#"{"type":"urn:gyre:error:agent-not-found","title":"t","status":404,"detail":"no agent researcher","hint":"see `gyre agent list`"}"#;
    let (ran, _) = chat(Answer::Whole(404, "application/problem+json", body.into()), &[]);
    assert_eq!(
        ran.stderr,
        "error: no agent researcher\nhint: see `gyre agent list`\n"
    );
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""));
    let without_hint = r#"{"type":"about:blank","title":"overloaded","detail":null,"hint":null}"#;
    let (ran, _) = chat(
        Answer::Whole(
            503,
            "application/problem+json; charset=utf-8",
            without_hint.into(),
        ),
        &[],
    );
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(69), "error: overloaded\n"));
}

#[test]
fn another_server_is_not_taken_for_a_gyre() {
    for answer in [
        Answer::Whole(200, "text/html", "<p>".into()),
        Answer::Whole(502, "text/plain", "bad".into()),
    ] {
        let (ran, _) = chat(answer, &[]);
        assert_eq!(ran.code, Some(1));
        assert!(ran.stderr.contains("hint: is this a gyre?"), "{}", ran.stderr);
    }
}

#[test]
fn no_server_is_told_with_its_cure() {
    let url = nowhere();
    for args in [
        &["chat", "a", "b"][..],
        &["search", "q"],
        &["agent", "list"],
        &["agent", "list", "--json"],
        &["run", "list"],
        &["session", "show", "s"],
        &["model", "list", "--server"],
    ] {
        let ran = gyre(&[args, &["--url", &url]].concat());
        let expected = format!(
            "error: no server at {url}\nhint: start one with `gyre up`, or name another with --url\n"
        );
        assert_eq!(
            (ran.code, ran.stdout.as_str(), ran.stderr),
            (Some(69), "", expected)
        );
    }
}

#[test]
fn a_slow_answer_ends_at_the_users_limit() {
    let (ran, _) = chat(Answer::OpenEvents(chunks(&[text("so far")])), &["--timeout", "1"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), "so far\n"));
    assert!(
        ran.stderr.starts_with("error: no whole answer within 1 s"),
        "{}",
        ran.stderr
    );
}
