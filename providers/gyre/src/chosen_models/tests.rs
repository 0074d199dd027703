//! What may be given, and what is told of what may not.

mod drafts;

use super::*;
use crate::cli::{Cli, Verb};
use crate::exit::Exit;
use crate::report;
use clap::Parser as _;
use gyre_gguf::{Builder, Value, tiny};
use std::fs;
use tempfile::TempDir;

struct Files {
    folder: TempDir,
}

impl Files {
    /// A folder `models`, and files beside it.
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("models")).expect("a folder");
        Self { folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_string_lossy().into_owned()
    }

    fn chat(&self, name: &str) -> String {
        let path = self.path(name);
        tiny::random_llama(1, Path::new(&path)).expect("writes");
        path
    }

    fn written(&self, name: &str, change: impl FnOnce(&mut Builder)) -> String {
        let path = self.path(name);
        let mut builder = Builder::new("test");
        change(&mut builder);
        builder.write(Path::new(&path)).expect("writes");
        path
    }

    fn choose(&self, models: &[&str]) -> Result<Choice> {
        self.choose_or(models, &[])
    }

    fn choose_or(&self, models: &[&str], defaults: &[&str]) -> Result<Choice> {
        let defaults: Vec<String> = defaults.iter().map(|name| (*name).to_owned()).collect();
        let folder = self.path("models");
        let mut arguments = vec!["gyre", "up", "--models", &folder];
        for model in models {
            arguments.extend(["--model", model]);
        }
        match Cli::parse_from(arguments).verb {
            Verb::Up(args) => choose(&args.engine, &defaults),
            _ => panic!("not up"),
        }
    }

    /// Code, message and cure.
    fn refused(&self, models: &[&str]) -> (Exit, String, String) {
        let error = self.choose(models).expect_err("refused");
        let (message, cure) = report::told(&error);
        (report::code(&error), message, cure)
    }
}

fn names(choice: &Choice) -> Vec<&str> {
    choice.models().iter().map(|model| model.name.as_str()).collect()
}

#[test]
fn models_are_found_by_path_and_by_name() {
    let files = Files::new();
    files.chat("models/small.gguf");
    let elsewhere = files.chat("My Model.gguf");
    let inside = files.path("models/small.gguf");
    let choice = files.choose(&[&elsewhere, "small"]).expect("found");
    assert_eq!(names(&choice), ["My-Model", "small"]);
    let choice = files
        .choose(&[&inside])
        .expect("the same file may be given by path");
    assert_eq!(names(&choice), ["small"]);
    assert!(matches!(files.choose(&["none"]), Ok(Choice::NoModel)));
    assert!(matches!(files.choose(&[]), Ok(Choice::Unsaid)));
}

#[test]
fn the_default_answers_where_nothing_is_said() {
    let files = Files::new();
    files.chat("models/own.gguf");
    let other = files.chat("other.gguf");
    let chosen = |models: &[&str], defaults: &[&str]| files.choose_or(models, defaults).expect("sound");
    assert_eq!(names(&chosen(&[], &["own"])), ["own"]);
    assert_eq!(names(&chosen(&[], &["missing", "own"])), ["own"]);
    assert_eq!(names(&chosen(&[&other], &["own"])), ["other"]);
    assert!(matches!(chosen(&["none"], &["own"]), Choice::NoModel));
    assert!(matches!(chosen(&[], &["missing"]), Choice::Unsaid));
    assert!(
        matches!(chosen(&[], &["../other"]), Choice::Unsaid),
        "it is outside the models folder"
    );
    fs::write(files.path("models/own.gguf"), "<!doctype html>").expect("writes");
    let error = files.choose_or(&[], &["own"]).expect_err("no model");
    assert!(error.to_string().contains("cannot be used"), "{error}");
}

#[test]
fn the_manifest_names_each_default_once() {
    let component = |id: &str, default: &str| {
        format!(
            "[[trigger.http]]\ncomponent = \"{id}\"\nroute = \"/{id}\"\n[component.{id}]\nsource = \"a.wasm\"\n\
             tool.gyre.local_models = true\n{default}\n"
        )
    };
    let files = Files::new();
    let path = files.path("spin.toml");
    let parts = [
        component("a", ""),
        component("b", "tool.gyre.default_model = \"own\""),
        component("c", "tool.gyre.default_model = \"own\""),
    ];
    let text = format!(
        "spin_manifest_version = 2\n[application]\nname = \"test\"\n{}",
        parts.concat()
    );
    fs::write(&path, text).expect("writes");
    let manifest = gyre_manifest::load(Path::new(&path), None).expect("is sound");
    assert_eq!(defaults(&manifest), ["own"]);
}

#[test]
fn files_that_cannot_answer_are_told_by_what_is_wrong() {
    let files = Files::new();
    let whole = fs::read(files.chat("whole.gguf")).expect("reads");
    let cut = files.path("cut.gguf");
    fs::write(&cut, &whole[..whole.len() / 2]).expect("writes");
    let page = files.path("page.gguf");
    fs::write(&page, "<!doctype html>").expect("writes");
    let empty = files.path("empty.gguf");
    fs::write(&empty, "").expect("writes");
    let base = files.path("base.gguf");
    tiny::random_llama_without_template(1, Path::new(&base)).expect("writes");
    let bert = files.path("bert.gguf");
    tiny::random_bert(1, Path::new(&bert)).expect("writes");
    let graph = files.path("graph.onnx");
    gyre_onnx::tiny::sum(Path::new(&graph)).expect("writes");
    let ranker = files.written("ranker.gguf", |builder| {
        builder.set("test.pooling_type", Value::U32(4));
    });
    let part = files.written("part.gguf", |builder| {
        builder.set("split.count", Value::U32(3));
    });
    let folder = files.path("models/");
    let cases = [
        (
            "no/such.gguf",
            Exit::Unavailable,
            "no model file",
            "check the path",
        ),
        (&folder, Exit::Unavailable, "no model file", "check the path"),
        (
            "nobody",
            Exit::Unavailable,
            "no model `nobody`",
            "put nobody.gguf there",
        ),
        (&cut, Exit::Config, "truncated", "fetch it again"),
        (&page, Exit::Config, "does not begin with `GGUF`", "GGUF file"),
        (&empty, Exit::Config, "truncated", "fetch it again"),
        (&base, Exit::Config, "base model", "instruct"),
        (&bert, Exit::Config, "makes embeddings", "embedding_model"),
        (&ranker, Exit::Config, "ranks", "chat model"),
        (&graph, Exit::Config, "is a graph of tensors", "ai_models"),
        (&part, Exit::Config, "3 parts", "join them"),
    ];
    for (given, code, message, cure) in cases {
        let refused = files.refused(&[given]);
        assert_eq!(refused.0, code, "{given}: {refused:?}");
        assert!(refused.1.contains(message), "{given}: {refused:?}");
        assert!(refused.2.contains(cure), "{given}: {refused:?}");
    }
}

#[test]
fn a_name_means_one_file() {
    let files = Files::new();
    files.chat("models/small.gguf");
    let other = files.chat("small.gguf");
    let (code, message, cure) = files.refused(&[&other]);
    assert_eq!(code, Exit::Config);
    assert!(
        message.contains("`small`") && cure.contains("--model small"),
        "{message}; {cure}"
    );
    let one = files.chat("a b.gguf");
    let two = files.chat("a-b.gguf");
    for twice in [[one.as_str(), &two], [one.as_str(), &one], ["small", "small"]] {
        let (code, message, _) = files.refused(&twice);
        assert_eq!(code, Exit::Config);
        assert!(message.contains("two models are named"), "{message}");
    }
    let (code, ..) = files.refused(&["none", "small"]);
    assert_eq!(code, Exit::Usage);
}

#[test]
fn more_than_the_memory_holds_is_told_with_both_numbers() {
    let files = Files::new();
    let choice = files
        .choose(&[&files.chat("a.gguf"), &files.chat("b.gguf")])
        .expect("found");
    let models = choice.models();
    let needed = models[0].needs().0 + models[1].needs().0;
    // 8 conversations and 2 prefixes of 1024 tokens, as the model was trained, in 2 layers of 2 * 64 numbers of 2 bytes.
    assert_eq!(models[0].kv_bytes, 10 * 1024 * 2 * 2 * 64 * 2);
    let config = EngineConfig::new("", "");
    assert!(memory::check(models, Some(needed), &config).is_ok());
    assert!(memory::check(models, None, &config).is_ok());
    let error = memory::check(models, Some(needed - 1), &config).expect_err("too little");
    assert_eq!(error.exit(), Exit::Unavailable);
    let text = error.to_string();
    assert!(
        text.contains("a and b needs about 11 MiB, 11 MiB are free; hint: "),
        "{text}"
    );
    assert!(text.contains("--context N (now 4096)"), "{text}");
}

#[test]
fn only_components_that_ask_are_granted_and_the_first_model_is_the_default() {
    const MANIFEST: &str = r#"
        spin_manifest_version = 2
        [application]
        name = "test"
        [variables]
        chat_model = { default = "quotes" }
        [[trigger.http]]
        component = "asks"
        route = "/..."
        [component.asks]
        source = "a.wasm"
        ai_models = ["two"]
        [component.asks.tool.gyre]
        local_models = true
        [component.other]
        source = "b.wasm"
        ai_models = ["e"]
    "#;
    let files = Files::new();
    let path = files.path("spin.toml");
    let load = |text: &str| {
        fs::write(&path, text).expect("writes");
        gyre_manifest::load(Path::new(&path), None).expect("is sound")
    };
    let choice = files
        .choose(&[&files.chat("one.gguf"), &files.chat("two.gguf")])
        .expect("found");
    let mut manifest = load(MANIFEST);
    choice.grant(&mut manifest).expect("one asks");
    assert_eq!(manifest.components["asks"].ai_models, ["two", "one"]);
    assert_eq!(manifest.components["other"].ai_models, ["e"]);
    let default = |given: &[(&str, &str)], manifest: &Manifest| {
        let mut variables = given
            .iter()
            .map(|(key, value)| (key.to_string(), value.to_string()))
            .collect();
        choice.name_default(manifest, &mut variables);
        variables.get(CHAT_MODEL).cloned()
    };
    assert_eq!(default(&[], &manifest).as_deref(), Some("one"));
    assert_eq!(default(&[(CHAT_MODEL, "two")], &manifest).as_deref(), Some("two"));
    let foreign = load(&MANIFEST.replace("chat_model =", "other ="));
    assert_eq!(default(&[], &foreign), None, "it has no such variable");
    let mut deaf = load(&MANIFEST.replace("= true", "= false"));
    let error = choice.grant(&mut deaf).expect_err("nobody asks");
    assert!(error.to_string().contains("local_models = true"), "{error}");
    assert_eq!(deaf.components["asks"].ai_models, ["two"]);
    let mut untouched = load(MANIFEST);
    Choice::NoModel
        .grant(&mut untouched)
        .expect("there is nothing to grant");
    assert_eq!(untouched, load(MANIFEST));
}
