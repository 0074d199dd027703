//! What goes wrong is told by kind, and the next call works.

use crate::{Models, TENANT, read_to_end, request};
use gyre_engine_ipc::{Engine, EngineConfig, EngineError};
use std::process::Command;
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_under_a_call_is_told_and_started_again() {
    let models = Models::new();
    let engine = models.paced();
    let mut stream = engine
        .chat("talk", TENANT, request("x", 900))
        .await
        .expect("starts");
    stream.next_delta().await.expect("goes on").expect("not the end");
    let pid = engine.status().pid.expect("runs");
    assert!(
        Command::new("kill")
            .args(["-9", &pid.to_string()])
            .status()
            .expect("runs")
            .success()
    );
    let error = loop {
        match stream.next_delta().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("a cut completion looked like an end"),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), "worker-died");
    assert!(error.hint().contains("safe for embeddings"), "{}", error.hint());
    let mut again = engine
        .chat("talk", TENANT, request("x", 3))
        .await
        .expect("the next call works");
    assert_eq!(read_to_end(&mut again).await.expect("ends").0.len(), 3);
    assert_eq!(engine.status().restarts, 1);
    assert_ne!(engine.status().pid, Some(pid));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_truncated_model_is_told_and_the_worker_lives() {
    let models = Models::new();
    let whole = std::fs::read(models.folder.path().join("letters.gguf")).expect("reads");
    for (name, end) in [
        ("head", 100),
        ("half", whole.len() / 2),
        ("last", whole.len() - 40),
    ] {
        std::fs::write(models.folder.path().join(format!("{name}.gguf")), &whole[..end]).expect("writes");
    }
    let engine = Engine::start(models.config());
    for name in ["head", "half", "last"] {
        let error = engine
            .embed(name, vec!["x".into()])
            .await
            .expect_err("is truncated");
        assert_eq!(error.kind(), "model-invalid", "{error}");
        assert!(error.to_string().contains(&format!("{name}.gguf")), "{error}");
    }
    engine.embed("letters", vec!["x".into()]).await.expect("works");
    assert_eq!(engine.status().restarts, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_llama_refuses_is_told_and_a_mended_file_works() {
    let models = Models::new();
    let path = models.folder.path().join("odd.gguf");
    gyre_gguf::Builder::new("martian").write(&path).expect("writes");
    let engine = Engine::start(models.config());
    let mut stream = engine.chat("odd", TENANT, request("x", 3)).await.expect("starts");
    let error = stream.next_delta().await.expect_err("has no template");
    assert!(
        error
            .to_string()
            .contains("no chat template: use an instruct model"),
        "{error}"
    );
    let mut odd = gyre_gguf::Builder::new("martian");
    odd.set("tokenizer.chat_template", gyre_gguf::Value::String("x".into()))
        .write(&path)
        .expect("writes");
    let mut stream = engine.chat("odd", TENANT, request("x", 3)).await.expect("starts");
    let error = stream
        .next_delta()
        .await
        .expect_err("is no architecture of llama.cpp");
    assert_eq!(error.kind(), "model-invalid", "{error}");
    assert!(
        error.to_string().contains("its architecture `martian`"),
        "{error}"
    );
    gyre_gguf::tiny::random_llama(1, &path).expect("writes");
    let mut stream = engine.chat("odd", TENANT, request("x", 3)).await.expect("starts");
    assert_eq!(read_to_end(&mut stream).await.expect("ends").0.len(), 3);
    assert_eq!(engine.status().restarts, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_file_that_is_no_whole_gguf_is_told() {
    let models = Models::new();
    let whole = std::fs::read(models.folder.path().join("talk.gguf")).expect("reads");
    let page = b"<html><body>Not found</body></html>".repeat(100);
    for (name, bytes, part) in [
        ("page", page.as_slice(), "GGUF"),
        ("half", &whole[..whole.len() / 2], "truncated"),
        ("empty", b"", "empty.gguf"),
    ] {
        std::fs::write(models.folder.path().join(format!("{name}.gguf")), bytes).expect("writes");
        let engine = Engine::start(models.config());
        let mut stream = engine.chat(name, TENANT, request("x", 3)).await.expect("starts");
        let error = stream.next_delta().await.expect_err("cannot be read");
        assert_eq!(error.kind(), "model-invalid", "{error}");
        assert!(error.to_string().contains(part), "{error}");
        assert!(error.hint().contains(&format!("{name}.gguf")), "{}", error.hint());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_that_is_wrong_or_refuses_is_told() {
    let models = Models::new();
    let path = models.folder.path().join("odd.gguf");
    for (template, kind, part) in [
        (
            "{% if %}",
            "model-invalid",
            "its chat template cannot be compiled (line 1",
        ),
        (
            "{{ raise_exception('speak in turn') }}",
            "invalid",
            "refuses the conversation: speak in turn",
        ),
        ("", "invalid", "the conversation is empty for this model"),
    ] {
        gyre_gguf::tiny::random_llama_with_template(1, template, &path).expect("writes");
        let engine = Engine::start(models.config());
        let mut stream = engine.chat("odd", TENANT, request("x", 3)).await.expect("starts");
        let error = stream.next_delta().await.expect_err("is refused");
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(part), "{error}");
        let mut stream = engine
            .chat("talk", TENANT, request("x", 3))
            .await
            .expect("starts");
        assert_eq!(read_to_end(&mut stream).await.expect("ends").0.len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_is_not_there_is_told_with_the_cure() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    for name in ["nobody", "../talk", ""] {
        let error = engine
            .embed(name, vec!["x".into()])
            .await
            .expect_err("is not there");
        assert_eq!(error.kind(), "model-not-found", "{error}");
        assert!(error.to_string().contains("letters, talk"), "{error}");
        assert!(error.hint().contains("cargo xtask setup"), "{}", error.hint());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn overload_is_a_fast_typed_refusal() {
    let models = Models::new();
    let mut config = models.config();
    config.queue_max = 2;
    config.delta_window = 1;
    let engine = Engine::start(config);
    let mut first = engine
        .chat("talk", TENANT, request("x", 900))
        .await
        .expect("starts");
    first.next_delta().await.expect("goes on").expect("not the end");
    let _second = engine
        .chat("talk", TENANT, request("x", 900))
        .await
        .expect("starts");
    let asked = Instant::now();
    let refused = engine
        .chat("talk", TENANT, request("x", 900))
        .await
        .err()
        .expect("is one too many");
    assert!(
        matches!(refused, EngineError::Overloaded { retry_after_ms: 1.. }),
        "{refused:?}"
    );
    assert!(asked.elapsed() < Duration::from_millis(100));
    drop(first);
    engine
        .embed("letters", vec!["x".into()])
        .await
        .expect("there is room again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_not_there_is_told_at_once() {
    let models = Models::new();
    let engine = Engine::start(EngineConfig::new("/nowhere/gyre-engine", models.folder.path()));
    let error = engine
        .embed("letters", vec!["x".into()])
        .await
        .expect_err("cannot start");
    assert_eq!(error.kind(), "worker-died");
    assert!(error.to_string().contains("cargo xtask build"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_worker_ends_with_its_host() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    engine.models().await.expect("answers");
    let pid = engine.status().pid.expect("runs").to_string();
    engine.shutdown().await;
    let lives = Command::new("kill")
        .args(["-0", &pid])
        .output()
        .expect("runs")
        .status
        .success();
    assert!(!lives, "process {pid} is left");
    assert_eq!(engine.models().await.expect_err("is down").kind(), "worker-died");
}
