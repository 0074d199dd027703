//! `gyre run` and `gyre session`.

use crate::fake::{Answer, Fake};
use crate::gyre;
use crate::others::json_answer;
use serde_json::{Value, json};

fn not_found() -> Answer {
    let problem =
        json!({"type": "urn:gyre:error:not-found", "detail": "no run 01", "hint": "see `gyre run list`"});
    Answer::Whole(404, "application/problem+json", problem.to_string())
}

fn run(id: &str) -> Value {
    json!({"id": id, "agent": "a", "status": "done", "started_ms": 1, "updated_ms": 2, "model": "m", "error": null})
}

#[test]
fn runs_are_listed_and_shown() {
    let runs = json!({"runs": [run("01-b"), run("01-a")]});
    let mut whole = run("01-a");
    whole["events"] = json!([{"sequence": 1, "at_ms": 1, "kind": "run.asked", "body": {"input": "How?"}}]);
    let fake = Fake::start(vec![
        json_answer(&runs),
        json_answer(&runs),
        json_answer(&whole),
        json_answer(&whole),
    ]);
    let ran = gyre(&["run", "list", "--limit", "2", "--url", &fake.url]);
    assert!(
        ran.stdout.starts_with("RUN   AGENT  STATUS  STARTED"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("\n01-b  a      done    "), "{}", ran.stdout);
    let ran = gyre(&["run", "list", "--json", "--url", &fake.url]);
    assert_eq!(serde_json::from_str::<Value>(&ran.stdout).expect("JSON"), runs);
    let ran = gyre(&["run", "show", "01-a", "--url", &fake.url]);
    assert!(ran.stdout.contains("asked     How?\n"), "{}", ran.stdout);
    let ran = gyre(&["run", "show", "01-a", "--json", "--url", &fake.url]);
    assert_eq!(serde_json::from_str::<Value>(&ran.stdout).expect("JSON"), whole);
    let asked = fake.finish();
    assert_eq!(asked[0].line, "GET /api/v1/runs?limit=2");
    assert_eq!(asked[2].line, "GET /api/v1/runs/01-a");
}

#[test]
fn the_beginning_of_an_id_is_enough_where_one_run_has_it() {
    let page = |ids: &[&str]| json_answer(&json!({"runs": ids.iter().map(|id| run(id)).collect::<Vec<_>>()}));
    let fake = Fake::start(vec![
        not_found(),
        page(&["02-x", "01-a"]),
        page(&["03-y"]),
        page(&[]),
        json_answer(&run("01-a")),
    ]);
    let ran = gyre(&["run", "show", "01", "--url", &fake.url]);
    assert!(
        ran.stdout.starts_with("run      01-a\n"),
        "{}{}",
        ran.stdout,
        ran.stderr
    );
    let asked = fake.finish();
    assert_eq!(asked[2].line, "GET /api/v1/runs?limit=100&offset=2");
    assert_eq!(asked[4].line, "GET /api/v1/runs/01-a");
    let fake = Fake::start(vec![not_found(), page(&["01-b", "01-a"]), page(&[])]);
    let ran = gyre(&["run", "show", "01", "--url", &fake.url]);
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (
            Some(2),
            "error: 2 runs begin with 01: 01-a, 01-b\nhint: write more of the id\n"
        )
    );
    fake.finish();
    let fake = Fake::start(vec![not_found(), page(&[]), not_found()]);
    let ran = gyre(&["run", "show", "01", "--url", &fake.url]);
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (Some(1), "error: no run 01\nhint: see `gyre run list`\n")
    );
    fake.finish();
}

#[test]
fn sessions_are_listed_shown_and_deleted() {
    let sessions = json!({"sessions": [{"id": "notes", "turns": 2, "created_ms": 0, "updated_ms": 1}]});
    let whole = json!({"id": "notes", "turns": 2, "created_ms": 0, "updated_ms": 1, "messages": [
        {"role": "user", "content": "How?", "run": "r", "at_ms": 0},
        {"role": "assistant", "content": "So.", "run": "r", "at_ms": 1},
    ]});
    let fake = Fake::start(vec![
        json_answer(&sessions),
        json_answer(&sessions),
        json_answer(&whole),
        json_answer(&whole),
        Answer::Whole(204, "", String::new()),
        not_found(),
    ]);
    let ran = gyre(&["session", "list", "--url", &fake.url]);
    assert!(ran.stdout.contains("\nnotes    2      "), "{}", ran.stdout);
    let ran = gyre(&["session", "list", "--json", "--url", &fake.url]);
    assert_eq!(
        serde_json::from_str::<Value>(&ran.stdout).expect("JSON"),
        sessions
    );
    let ran = gyre(&["session", "show", "notes", "--url", &fake.url]);
    assert!(ran.stdout.ends_with(", run r:\n    So.\n"), "{}", ran.stdout);
    let ran = gyre(&["session", "show", "notes", "--json", "--url", &fake.url]);
    assert_eq!(serde_json::from_str::<Value>(&ran.stdout).expect("JSON"), whole);
    let ran = gyre(&["session", "delete", "notes", "--url", &fake.url]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "deleted notes\n"));
    let ran = gyre(&["session", "delete", "gone", "--url", &fake.url]);
    assert_eq!(ran.code, Some(1));
    let asked = fake.finish();
    assert_eq!(asked[0].line, "GET /api/v1/sessions?limit=20");
    assert_eq!(asked[2].line, "GET /api/v1/sessions/notes");
    assert_eq!(asked[4].line, "DELETE /api/v1/sessions/notes");
}
