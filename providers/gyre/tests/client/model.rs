//! `gyre model list`, `inspect` and `remove`.

use crate::fake::Fake;
use crate::gyre;
use crate::others::json_answer;
use gyre_gguf::tiny;
use serde_json::{Value, json};
use tempfile::TempDir;

fn models() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    tiny::random_llama(1, &at("talker.gguf")).expect("a model");
    tiny::random_llama_without_template(1, &at("mute.gguf")).expect("a model");
    tiny::random_bert(1, &at("embedder.gguf")).expect("a model");
    let whole = std::fs::read(at("talker.gguf")).expect("a model");
    std::fs::write(at("half.gguf"), &whole[..whole.len() / 2]).expect("a file");
    std::fs::write(at("has space.gguf"), &whole).expect("a file");
    std::fs::write(at("notes.txt"), "x").expect("a file");
    folder
}

#[test]
fn models_are_listed_and_broken_ones_with_the_reason() {
    let folder = models();
    let at = folder.path().to_str().expect("UTF-8");
    let ran = gyre(&["model", "list", "--models", at]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let line = |name: &str| {
        let line = ran.stdout.lines().find(|line| line.starts_with(name));
        line.unwrap_or_else(|| panic!("no {name}: {}", ran.stdout))
            .to_owned()
    };
    for (name, facts) in [
        ("talker", ["F32", "1024", "llama", "chat"]),
        ("mute", ["F32", "1024", "llama", "nothing"]),
        ("embedder", ["F32", "1024", "bert", "embeddings"]),
    ] {
        assert!(
            facts.iter().all(|fact| line(name).contains(fact)),
            "{}",
            line(name)
        );
    }
    assert!(line("half").contains("broken: it is truncated"), "{}", ran.stdout);
    assert!(
        line("has space").contains("cannot be the name of a model"),
        "{}",
        ran.stdout
    );
    assert_eq!(ran.stdout.lines().count(), 6, "{}", ran.stdout);
    let ran = gyre(&["model", "list", "--json", "--models", at]);
    let told: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(told["models"][2]["name"], "talker");
    assert_eq!(told["models"][2]["context_length"], 1024);
    assert_eq!(told["broken"][0]["name"], "half");
}

#[test]
fn no_models_are_told_with_the_cure() {
    let ran = gyre(&["model", "list", "--models", "none"]);
    assert_eq!(
        (ran.code, ran.stdout.as_str(), ran.stderr.as_str()),
        (
            Some(0),
            "",
            "no models in none; hint: fetch one with `gyre model pull`\n"
        )
    );
}

#[test]
fn a_server_tells_what_it_offers() {
    let offered =
        json!({"object": "list", "data": [{"id": "gyre-extractive", "object": "model", "owned_by": "gyre"}]});
    let fake = Fake::start(vec![json_answer(&offered), json_answer(&offered)]);
    let ran = gyre(&["model", "list", "--server", "--url", &fake.url]);
    assert_eq!(ran.stdout, "MODEL            BY\ngyre-extractive  gyre\n");
    let ran = gyre(&["model", "list", "--server", "--json", "--url", &fake.url]);
    assert_eq!(serde_json::from_str::<Value>(&ran.stdout).expect("JSON"), offered);
    assert_eq!(fake.finish()[0].line, "GET /v1/models");
}

#[test]
fn a_model_is_inspected_by_name_and_by_path() {
    let folder = models();
    let at = folder.path().to_str().expect("UTF-8");
    let path = format!("{at}/talker.gguf");
    let by_name = gyre(&["model", "inspect", "talker", "--models", at]);
    let by_path = gyre(&["model", "inspect", &path]);
    assert_eq!(by_name.stdout, by_path.stdout);
    for expected in [
        "architecture  llama\n",
        "context       1,024 tokens\n",
        "vocabulary    265 tokens\n",
        "gyre uses it  to chat",
        "tensors       21 of F32:",
        "512 B of cache for each token",
    ] {
        assert!(
            by_path.stdout.contains(expected),
            "{expected}: {}",
            by_path.stdout
        );
    }
    let ran = gyre(&["model", "inspect", &path, "--template"]);
    assert_eq!(ran.stdout.trim_end(), tiny::CHAT_TEMPLATE);
    let ran = gyre(&["model", "inspect", "mute", "--template", "--models", at]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""));
    let ran = gyre(&["model", "inspect", &path, "--json"]);
    let told: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(
        (&told["chat"], &told["tensors"]["F32"]["tensors"]),
        (&true.into(), &21.into())
    );
}

#[test]
fn what_is_no_model_is_told_with_its_cure() {
    let folder = models();
    let at = folder.path().to_str().expect("UTF-8");
    for (name, code, expected) in [
        ("half", 1, "the file was cut\nhint: remove it"),
        ("nosuch", 69, "no model nosuch in "),
        ("../x.gguf", 1, "cannot read ../x.gguf"),
        ("a b", 2, "cannot be the name of a model"),
    ] {
        let ran = gyre(&["model", "inspect", name, "--models", at]);
        assert_eq!(ran.code, Some(code), "{}", ran.stderr);
        assert!(
            ran.stderr.contains(expected) && ran.stderr.contains("hint: "),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn a_model_is_removed() {
    let folder = models();
    let at = folder.path().to_str().expect("UTF-8");
    let ran = gyre(&["model", "remove", "talker", "--models", at]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "removed talker\n"));
    assert!(!folder.path().join("talker.gguf").exists());
    assert_eq!(
        gyre(&["model", "remove", "talker", "--models", at]).code,
        Some(69)
    );
}
