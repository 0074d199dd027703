//! `gyre search`, `gyre doctor`, and the command line itself.

use crate::fake::{Answer, Fake};
use crate::{Ran, command, gyre, nowhere};
use serde_json::{Value, json};

const MANIFEST: &str = r#"
    spin_manifest_version = 2
    [application]
    name = "test"
    [[trigger.http]]
    route = "/..."
    component = "a"
    [component.a]
    source = "a.wasm"
"#;

pub(crate) fn json_answer(body: &Value) -> Answer {
    Answer::Whole(200, "application/json", body.to_string())
}

#[test]
fn search_shows_where_passages_are_from() {
    let found = json!({
        "passages": [{"id": "1", "source": "a.md", "span": {"start_line": 1, "end_line": 2}, "text": "one\ntwo", "score": 0.25}],
        "retrieval": {"mode": "lexical", "embedding_model": null, "reason": "no model"}
    });
    let fake = Fake::start(vec![json_answer(&found), json_answer(&found)]);
    let ran = gyre(&["search", "hops", "--limit", "3", "--url", &fake.url]);
    assert_eq!(ran.stdout, "[1] a.md:1-2  (score 0.250)\n    one\n    two\n");
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (Some(0), "retrieval: lexical only: no model\n")
    );
    let ran = gyre(&["search", "hops", "--json", "--url", &fake.url]);
    assert_eq!(serde_json::from_str::<Value>(&ran.stdout).expect("JSON"), found);
    let asked = fake.finish();
    assert_eq!(asked[0].line, "POST /api/v1/search");
    assert_eq!(asked[0].body, r#"{"query":"hops","limit":3}"#);
}

#[test]
fn doctor_names_a_cure_for_each_failure() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("spin.toml"), MANIFEST).expect("a file");
    let url = nowhere();
    let args = [
        "doctor",
        "--url",
        &url,
        "--state",
        "state",
        "--models",
        "models",
        "--listen",
        "127.0.0.1:0",
    ];
    let ran: Ran = command(folder.path(), &args).output().expect("gyre runs").into();
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.stdout
            .contains("a.wasm is not there\n      hint: `cargo xtask build`"),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stdout.contains(&format!(
            "warn  server: no server at {url}\n      hint: start one"
        )),
        "{}",
        ran.stdout
    );
    std::fs::write(folder.path().join("a.wasm"), "").expect("a file");
    let fake = Fake::start(vec![json_answer(&json!({"status": "ok", "checks": {}}))]);
    let args = [
        "doctor",
        "--json",
        "--url",
        &fake.url,
        "--state",
        "state",
        "--models",
        "models",
        "--listen",
        "127.0.0.1:0",
    ];
    let ran: Ran = command(folder.path(), &args).output().expect("gyre runs").into();
    let report: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(
        (ran.code, &report["status"]),
        (Some(0), &json!("warn")),
        "{}",
        ran.stdout
    );
    assert!(!folder.path().join("state").exists(), "doctor changes nothing");
    assert_eq!(fake.finish()[0].line, "GET /health");
}

#[test]
fn arguments_that_make_no_sense_exit_with_2() {
    let cases: [&[&str]; 15] = [
        &[],
        &["nosuch"],
        &["chat", "a"],
        &["chat", "a", " "],
        &["chat", "a", "b", "--url", "https://host"],
        &["chat", "a", "b", "--timeout", "0"],
        &["search", "q", "--limit", "0"],
        &["up", "--variable", "novalue"],
        &["--log", "gyre=loudly", "agent", "list"],
        &["chat", "a", "b", "--session", "a b"],
        &["chat", "a", "b", "--session", "c", "--new-session"],
        &["agent"],
        &["run", "list", "--limit", "0"],
        &["model", "inspect", "m", "--template", "--json"],
        &["agents"],
    ];
    for args in cases {
        assert_eq!(gyre(args).code, Some(2), "{args:?}");
    }
}

#[test]
fn help_has_examples_and_exit_codes() {
    let help = gyre(&["--help"]);
    assert_eq!(help.code, Some(0));
    for expected in ["Exit codes:", "130  interrupted", "doctor"] {
        assert!(help.stdout.contains(expected), "{}", help.stdout);
    }
    for verb in [
        "up", "chat", "ingest", "search", "agent", "run", "session", "model", "doctor",
    ] {
        assert!(
            gyre(&[verb, "--help"])
                .stdout
                .contains(&format!("Examples:\n  gyre {verb}")),
            "{verb}"
        );
    }
    for (noun, verbs) in [
        ("agent", &["list", "show", "create", "delete"][..]),
        ("run", &["list", "show"]),
        ("session", &["list", "show", "delete"]),
        ("model", &["list", "inspect", "pull", "remove"]),
    ] {
        for verb in verbs {
            let help = gyre(&[noun, verb, "--help"]).stdout;
            let example = format!("Examples:\n  gyre {noun} {verb}");
            assert!(help.contains(&example), "{noun} {verb}: {help}");
        }
    }
}

#[test]
fn forge_hands_on_what_it_is_told_or_names_the_cure() {
    let folder = tempfile::tempdir().expect("a folder");
    let own = folder.path().join("gyre");
    std::fs::copy(env!("CARGO_BIN_EXE_gyre"), &own).expect("copies");
    let run = || {
        std::process::Command::new(&own)
            .args(["forge", "run", "--help", "--size", "nano s"])
            .output()
            .expect("runs")
    };
    let ran = run();
    let stderr = String::from_utf8_lossy(&ran.stderr);
    assert!(
        ran.status.code() == Some(2) && stderr.contains("cargo install --path providers/forge"),
        "{stderr}"
    );
    let program = folder.path().join("gyre-forge");
    std::fs::write(&program, "#!/bin/sh\nprintf '%s|' \"$@\"\nexit 7\n").expect("writes");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&program, mode).expect("is made a program");
    let ran = run();
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "run|--help|--size|nano s|");
    assert_eq!(ran.status.code(), Some(7));
}
