//! `gyre model ps`, `load` and `unload`, against a socket of operators that answers from a script.

use crate::fake::{Answer, Fake};
use crate::gyre;
use crate::others::json_answer;
use serde_json::{Value, json};

fn moved(status: u16, state: &str, progress: Option<f32>) -> Answer {
    let body = json!({"name": "talk", "state": state, "progress": progress});
    Answer::Whole(status, "application/json", body.to_string())
}

#[test]
fn the_models_of_a_server_are_listed_with_what_they_take() {
    let models = json!({"models": [
        {"name": "idle", "architecture": "bert", "abilities": ["embedding"], "memory": null, "running": null, "queued": null},
        {"name": "talk", "architecture": "llama", "abilities": ["chat"], "running": 2, "queued": 3, "memory":
            {"total_bytes": 6_291_456, "weights_bytes": 4_194_304, "kv_bytes": 1_048_576, "compute_bytes": 1_048_576}},
    ]});
    let fake = Fake::start(vec![json_answer(&models), json_answer(&models)]);
    let ran = gyre(&["model", "ps", "--admin", &fake.url]);
    assert_eq!(
        ran.stdout,
        "MODEL  USE        MEMORY    RUNNING  WAITING\nidle   embedding  -         -        -\ntalk   chat       6.00 MiB  2        3\n",
        "{}",
        ran.stderr
    );
    let ran = gyre(&[
        "model",
        "ps",
        "--json",
        "--admin",
        fake.url.trim_start_matches("http://"),
    ]);
    assert_eq!(serde_json::from_str::<Value>(&ran.stdout).expect("JSON"), models);
    assert!(fake.finish().iter().all(|asked| asked.line == "GET /models"));
}

#[test]
fn loading_is_followed_to_its_end() {
    let fake = Fake::start(vec![
        moved(202, "loading", None),
        moved(202, "loading", Some(0.5)),
        moved(200, "loaded", None),
        moved(202, "unloading", None),
        moved(200, "unloaded", None),
    ]);
    let ran = gyre(&["model", "load", "talk", "--admin", &fake.url]);
    assert_eq!(
        (ran.code, ran.stdout.as_str(), ran.stderr.as_str()),
        (Some(0), "loaded talk\n", "gyre: loading talk\n")
    );
    let ran = gyre(&["model", "unload", "talk", "--json", "--admin", &fake.url]);
    let told: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(told["state"], "unloaded");
    let asked: Vec<_> = fake.finish().into_iter().map(|asked| asked.line).collect();
    assert_eq!(asked[..3], ["POST /models/talk/load"; 3]);
    assert_eq!(asked[3..], ["POST /models/talk/unload"; 2]);
}

#[test]
fn what_goes_wrong_is_told_with_its_cure() {
    let problem = json!({"type": "urn:gyre:error:out-of-memory", "title": "Service Unavailable", "status": 503,
        "detail": "the model `talk` needs 9 MiB of memory", "hint": "unload one"});
    let no_route = json!({"type": "urn:gyre:error:not-found", "title": "Not Found", "status": 404,
        "detail": "POST /models/talk/load is no route of this application", "hint": "see the README"});
    let text = |text: &str| Answer::Whole(404, "text/plain", text.to_owned());
    let fake = Fake::start(vec![
        Answer::Whole(503, "application/problem+json", problem.to_string()),
        moved(202, "loading", None),
        text("there is nothing"),
        Answer::Whole(404, "application/problem+json", no_route.to_string()),
    ]);
    let load = |more: &[&str]| gyre(&[&["model", "load", "talk", "--admin", &fake.url], more].concat());
    let ran = load(&[]);
    assert_eq!(ran.code, Some(69), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("needs 9 MiB of memory\nhint: unload one"),
        "{}",
        ran.stderr
    );
    let ran = load(&["--timeout", "0"]);
    assert!(
        ran.code == Some(1) && ran.stderr.contains("wait longer with --timeout"),
        "{}",
        ran.stderr
    );
    for _ in ["another server", "the application's own socket"] {
        let ran = load(&[]);
        assert!(
            ran.code == Some(69) && ran.stderr.contains("no operators' socket at http://127"),
            "{}",
            ran.stderr
        );
    }
    fake.finish();
    let ran = gyre(&["model", "ps", "--admin", "127.0.0.1:1"]);
    assert!(
        ran.code == Some(69) && ran.stderr.contains("hint: start `gyre up`"),
        "{}",
        ran.stderr
    );
    for wrong in [
        &["model", "load", "a b", "--admin", "127.0.0.1:1"][..],
        &["model", "ps"],
    ] {
        assert_eq!(gyre(wrong).code, Some(2), "{wrong:?}");
    }
}
