//! `gyre model pull`, against a small hub.

use crate::hub::{Hub, Shelf};
use crate::{Ran, command, nowhere};
use gyre_gguf::tiny;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;
use tempfile::TempDir;

static MODEL: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("m.gguf");
    tiny::random_llama(1, &path).expect("a model");
    std::fs::read(path).expect("a model")
});

const SECRET: &str = "hf_secret";

fn shelf(names: &[&'static str]) -> Shelf {
    Shelf {
        files: names.iter().map(|name| (*name, MODEL.clone())).collect(),
        etag: "abc123".to_owned(),
        ..Shelf::default()
    }
}

fn pull(hub: &str, folder: &Path, args: &[&str]) -> Ran {
    pull_with(hub, folder, args, &[])
}

fn pull_with(hub: &str, folder: &Path, args: &[&str], env: &[(&str, &str)]) -> Ran {
    let args = [&["model", "pull", "--models", "models"], args].concat();
    let mut command = command(folder, &args);
    command.env("HF_ENDPOINT", hub).envs(env.iter().copied());
    command.output().expect("gyre runs").into()
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Names in the models folder, hidden ones too.
fn there(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder.join("models")) else {
        return Vec::new();
    };
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.ok()?.file_name().into_string().ok();
    let mut names: Vec<String> = entries.filter_map(name).collect();
    names.sort();
    names
}

#[test]
fn the_only_file_becomes_a_model() {
    let (hub, folder) = (Hub::start(shelf(&["tiny.gguf", "README.md"])), folder());
    let ran = pull(&hub.url, folder.path(), &["org/model"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.starts_with("tiny  "), "{}", ran.stdout);
    for expected in [
        "fetching tiny.gguf of org/model",
        "\n10 % of ",
        "\n100 % of ",
        "gyre up --model tiny",
    ] {
        assert!(ran.stderr.contains(expected), "{expected}: {}", ran.stderr);
    }
    assert_eq!(there(folder.path()), ["tiny.gguf"], "no parts are left");
    let got = std::fs::read(folder.path().join("models/tiny.gguf")).expect("the model");
    assert!(got == *MODEL, "what came is what the hub has");
    // Not again without being told to, and nothing is asked of the hub when the name is known.
    let before = hub.asked().len();
    let ran = pull(&hub.url, folder.path(), &["org/model:tiny.gguf"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.stderr.contains("there is a model tiny already"),
        "{}",
        ran.stderr
    );
    assert_eq!(hub.asked().len(), before);
    assert_eq!(pull(&hub.url, folder.path(), &["org/model"]).code, Some(1));
    let ran = pull(&hub.url, folder.path(), &["org/model", "--force", "--json"]);
    let told: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!((&told["name"], &told["chat"]), (&"tiny".into(), &true.into()));
}

#[test]
fn of_several_files_one_must_be_meant() {
    let hub = Hub::start(shelf(&["a-Q2_K.gguf", "a-Q4_K_M.gguf", "a-Q8_0.gguf"]));
    let folder = folder();
    let ran = pull(&hub.url, folder.path(), &["org/model"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let ran = pull(
        &hub.url,
        folder.path(),
        &["org/model:a-Q8_0.gguf", "--name", "big"],
    );
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(there(folder.path()), ["a-Q4_K_M.gguf", "big.gguf"]);
    let ran = pull(&hub.url, folder.path(), &["org/model:none.gguf"]);
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (
            Some(1),
            "error: org/model has no file none.gguf\n\
             hint: choose one as REPO:FILE of a-Q2_K.gguf, a-Q4_K_M.gguf, a-Q8_0.gguf\n"
        )
    );
    let hub = Hub::start(shelf(&["a-Q2_K.gguf", "a-Q8_0.gguf"]));
    let ran = pull(&hub.url, folder.path(), &["org/model"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.stderr
            .contains("choose one as REPO:FILE of a-Q2_K.gguf, a-Q8_0.gguf"),
        "{}",
        ran.stderr
    );
    let hub = Hub::start(shelf(&["README.md"]));
    let ran = pull(&hub.url, folder.path(), &["org/model"]);
    assert!(
        ran.stderr.contains("org/model has no GGUF file"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_token_is_asked_for_and_never_told() {
    let hub = || {
        Hub::start(Shelf {
            token: Some(SECRET),
            ..shelf(&["tiny.gguf"])
        })
    };
    let folder = folder();
    let ran = pull(&hub().url, folder.path(), &["org/model"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.stderr.contains("(status 401)") && ran.stderr.contains("set HF_TOKEN"),
        "{}",
        ran.stderr
    );
    let log = ("GYRE_LOG", "trace");
    let wrong = pull_with(
        &hub().url,
        folder.path(),
        &["org/model"],
        &[("HF_TOKEN", "hf_wrong"), log],
    );
    assert_eq!(wrong.code, Some(1));
    assert!(wrong.stderr.contains("HF_TOKEN may be wrong"), "{}", wrong.stderr);
    let right = pull_with(
        &hub().url,
        folder.path(),
        &["org/model"],
        &[("HF_TOKEN", SECRET), log],
    );
    assert_eq!(right.code, Some(0), "{}", right.stderr);
    for (ran, token) in [(wrong, "hf_wrong"), (right, SECRET)] {
        assert!(!ran.stderr.contains(token) && !ran.stdout.contains(token));
    }
}

#[test]
fn what_is_not_there_is_told_with_its_cure() {
    let (hub, folder) = (Hub::start(shelf(&["tiny.gguf"])), folder());
    for (args, code, expected) in [
        (&["org/other"][..], 1, "no repository org/other at main"),
        (
            &["org/model", "--revision", "v9"],
            1,
            "no repository org/model at v9",
        ),
        (
            &["org/model", "--name", "a/b"],
            2,
            "cannot be the name of a model",
        ),
        (&["../model"], 2, "is no repository"),
        (&["org/model:tiny.bin"], 2, "is no name of a GGUF file"),
    ] {
        let ran = pull(&hub.url, folder.path(), args);
        assert_eq!(ran.code, Some(code), "{args:?}: {}", ran.stderr);
        assert!(
            ran.stderr.contains(expected) && ran.stderr.contains("hint: "),
            "{args:?}: {}",
            ran.stderr
        );
    }
    let ran = pull(&nowhere(), folder.path(), &["org/model"]);
    assert_eq!(ran.code, Some(69), "{}", ran.stderr);
    assert!(ran.stderr.contains("cannot be reached"), "{}", ran.stderr);
    let ran = pull("ftp://hub", folder.path(), &["org/model"]);
    assert!(ran.stderr.contains("HF_ENDPOINT is no http"), "{}", ran.stderr);
    assert!(there(folder.path()).is_empty());
}

#[test]
fn a_transfer_that_was_cut_goes_on_where_it_ended() {
    const CUT: usize = 100_000;
    let hub = Hub::start(Shelf {
        cut_once_after: Some(CUT),
        ..shelf(&["tiny.gguf"])
    });
    let folder = folder();
    let ran = pull(&hub.url, folder.path(), &["org/model"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("the transfer was cut") && ran.stderr.contains("hint: the same command goes on"),
        "{}",
        ran.stderr
    );
    assert_eq!(there(folder.path()), [".pull"], "no model, and the part is kept");
    let ran = pull(&hub.url, folder.path(), &["org/model"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let last = hub.asked().pop().expect("a request");
    assert_eq!(last.range, Some(format!("{CUT}-")), "only the rest is asked for");
    let got = std::fs::read(folder.path().join("models/tiny.gguf")).expect("the model");
    assert!(got == *MODEL, "both parts make the whole");
}

#[test]
fn what_came_is_checked_before_it_is_a_model() {
    let folder = folder();
    let with = |bytes: &[u8], etag: &str| Shelf {
        files: BTreeMap::from([("tiny.gguf", bytes.to_vec())]),
        etag: etag.to_owned(),
        ..Shelf::default()
    };
    let other_digest = "00000000000000000000000000000000000000000000000000000000000000ff";
    for (shelf, expected) in [
        (
            with(b"<html>not found</html>", "abc"),
            "it is no GGUF file but a web page",
        ),
        (with(&MODEL[..MODEL.len() / 2], "abc"), "it is truncated"),
        (with(&MODEL, other_digest), "its SHA-256 is not what the hub says"),
        (
            with(&MODEL, "../../escape"),
            "`../../escape` is no name of a version",
        ),
    ] {
        let hub = Hub::start(shelf);
        let ran = pull(&hub.url, folder.path(), &["org/model"]);
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        assert!(
            ran.stderr.contains(expected) && ran.stderr.contains("hint: "),
            "{expected}: {}",
            ran.stderr
        );
        assert!(!folder.path().join("models/tiny.gguf").exists(), "{expected}");
    }
    // What was refused is not taken for a part the next time.
    let digest = Sha256::digest(MODEL.as_slice());
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let hub = Hub::start(with(&MODEL, &digest));
    assert_eq!(pull(&hub.url, folder.path(), &["org/model"]).code, Some(0));
}

#[test]
fn only_the_hub_sees_the_token() {
    let store = Hub::start(Shelf {
        cut_once_after: Some(100_000),
        // Its own name for the content is none of ours.
        etag: "store".to_owned(),
        ..shelf(&["tiny.gguf"])
    });
    let digest = Sha256::digest(MODEL.as_slice());
    let hub = Hub::start(Shelf {
        token: Some(SECRET),
        etag: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        elsewhere: Some(store.url.clone()),
        ..shelf(&["tiny.gguf"])
    });
    let folder = folder();
    let pulled = || pull_with(&hub.url, folder.path(), &["org/model"], &[("HF_TOKEN", SECRET)]);
    assert_eq!(pulled().code, Some(1), "the store cuts the first transfer");
    let ran = pulled();
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let got = std::fs::read(folder.path().join("models/tiny.gguf")).expect("the model");
    assert!(got == *MODEL, "what came is what the store has");
    assert!(hub.asked().iter().all(|asked| asked.with_token));
    let seen = store.asked();
    assert!(
        seen.len() >= 4 && seen.iter().all(|asked| !asked.with_token),
        "{seen:?}"
    );
    assert!(
        seen.iter().any(|asked| asked.range.as_deref() == Some("100000-")),
        "{seen:?}"
    );
}

#[test]
fn a_hub_that_sends_round_in_circles_is_left() {
    let hub = Hub::start(Shelf {
        elsewhere: Some(String::new()),
        ..shelf(&["tiny.gguf"])
    });
    let folder = folder();
    let ran = pull(&hub.url, folder.path(), &["org/model"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stderr.contains("more than 10 times"), "{}", ran.stderr);
}
