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

/// With the graphs `sum`, `twin` with its tokenizer, `talker` behind the GGUF file, and two that are none.
fn graphs() -> TempDir {
    let folder = models();
    let at = |name: &str| folder.path().join(name);
    for name in ["sum.onnx", "talker.onnx", "odd.onnx"] {
        gyre_onnx::tiny::sum(&at(name)).expect("a graph");
    }
    std::fs::write(at("odd.tokenizer.json"), "{}").expect("a file");
    gyre_onnx::convert::from_gguf(&at("embedder.gguf"), &at("twin.onnx")).expect("a graph");
    std::fs::write(at("page.onnx"), "<!doctype html>").expect("a file");
    folder
}

#[test]
fn graphs_are_listed_beside_models_and_broken_ones_with_the_reason() {
    let folder = graphs();
    let at = folder.path().to_str().expect("UTF-8");
    let ran = gyre(&["model", "list", "--models", at]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    for (name, expected) in [
        ("sum ", "onnx          tensors"),
        ("twin ", "onnx          embeddings"),
        ("talker ", "llama         chat"),
        ("talker ", "onnx          nothing: the .gguf file goes first"),
        (
            "odd ",
            "broken: a tokenizer lies beside it, so it should embed texts, but it takes `a`",
        ),
        ("page ", "broken: it is no ONNX file but a web page"),
    ] {
        let mut lines = ran.stdout.lines().filter(|line| line.starts_with(name));
        assert!(
            lines.any(|line| line.contains(expected)),
            "{name}: {}",
            ran.stdout
        );
    }
    let ran = gyre(&["model", "list", "--json", "--models", at]);
    let told: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let models = told["models"].as_array().expect("a list");
    let model = |format: &str, name: &str| {
        let model = models
            .iter()
            .find(|model| model["format"] == format && model["name"] == name);
        model.unwrap_or_else(|| panic!("no {name}: {told}"))
    };
    assert_eq!(model("onnx", "sum")["graph"], true);
    assert_eq!(model("onnx", "twin")["embedding"], true);
    assert_eq!(model("onnx", "talker")["hidden_by"], format!("{at}/talker.gguf"));
    assert_eq!(model("gguf", "talker")["chat"], true);
}

#[test]
fn a_graph_is_inspected_and_removed_with_its_tokenizer() {
    let folder = graphs();
    let at = folder.path().to_str().expect("UTF-8");
    let path = format!("{at}/sum.onnx");
    let by_name = gyre(&["model", "inspect", "sum", "--models", at]);
    assert_eq!(by_name.stdout, gyre(&["model", "inspect", &path]).stdout);
    for expected in [
        "format        ONNX, version 8\n",
        "operators     ai.onnx 17\n",
        "tokenizer     none\n",
        "memory        about 32.00 MiB\n",
        "gyre uses it  on tensors of guests by wasi:nn",
        "inputs        a: FP32 [any, 2]\n              b: FP32 [any, 2]\n",
        "outputs       sum: FP32 [any, 2]\n",
    ] {
        assert!(
            by_name.stdout.contains(expected),
            "{expected}: {}",
            by_name.stdout
        );
    }
    let ran = gyre(&["model", "inspect", "sum", "--json", "--models", at]);
    let told: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(told["opsets"], json!([{"domain": "ai.onnx", "version": 17}]));
    assert_eq!(
        told["inputs"][1],
        json!({"name": "b", "type": "FP32", "dimensions": [null, 2]})
    );
    let ran = gyre(&["model", "inspect", "sum", "--template", "--models", at]);
    assert!(
        ran.code == Some(1) && ran.stderr.contains("no chat template"),
        "{}",
        ran.stderr
    );
    let ran = gyre(&["model", "inspect", "page", "--models", at]);
    assert!(
        ran.code == Some(1) && ran.stderr.contains("a web page\nhint: put the ONNX file"),
        "{}",
        ran.stderr
    );
    let both = gyre(&["model", "inspect", "talker", "--models", at]);
    assert!(both.stdout.contains("architecture  llama"), "{}", both.stdout);
    let ran = gyre(&["model", "remove", "twin", "--models", at]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "removed twin\n"));
    for gone in ["twin.onnx", "twin.tokenizer.json"] {
        assert!(!folder.path().join(gone).exists(), "{gone}");
    }
    let ran = gyre(&["model", "inspect", "twin", "--models", at]);
    assert!(
        ran.code == Some(69) && ran.stderr.contains("sum, talker"),
        "{}",
        ran.stderr
    );
}
