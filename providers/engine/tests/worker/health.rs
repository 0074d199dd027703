//! Loading before the first call, and workers that hang or die again and again.

use crate::{Models, TENANT, read_to_end, request};
use gyre_engine_ipc::{Engine, EngineConfig};
use std::process::Command;
use std::time::Duration;

fn signal(pid: u32, signal: &str) {
    let status = Command::new("kill")
        .args([signal, &pid.to_string()])
        .status()
        .expect("runs");
    assert!(status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn loading_is_told_and_the_model_then_takes_calls() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    for name in ["talk", "letters", "talk"] {
        let mut told = Vec::new();
        engine
            .load(name, |fraction| told.push(fraction))
            .await
            .expect("loads");
        assert!(told.windows(2).all(|pair| pair[0] < pair[1]), "{name}: {told:?}");
        assert!(
            told.iter().all(|fraction| (0.0..=1.0).contains(fraction)),
            "{name}: {told:?}"
        );
    }
    let loaded = engine.stats().await.expect("answers");
    assert_eq!(loaded.len(), 2, "{loaded:?}");
    assert!(loaded.iter().all(|model| model.steps == 0), "{loaded:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_loaded_is_told_by_its_architecture() {
    let models = Models::new();
    let path = models.folder.path().join("odd.gguf");
    let mut odd = gyre_gguf::Builder::new("martian");
    odd.set("tokenizer.chat_template", gyre_gguf::Value::String("x".into()))
        .write(&path)
        .expect("writes");
    let engine = Engine::start(models.config());
    for _ in 0..2 {
        let error = engine
            .load("odd", |_| {})
            .await
            .expect_err("is no architecture of llama.cpp");
        assert_eq!(error.kind(), "model-invalid");
        assert!(error.to_string().contains("`martian`"), "{error}");
    }
    let error = engine.load("nobody", |_| {}).await.expect_err("is not there");
    assert_eq!(error.kind(), "model-not-found");
    gyre_gguf::tiny::random_llama_without_template(1, &path).expect("writes");
    let error = engine.load("odd", |_| {}).await.expect_err("has no template");
    assert_eq!(error.kind(), "invalid");
    assert_eq!(engine.status().restarts, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_elsewhere_is_loaded_again_after_a_crash() {
    let models = Models::new();
    let elsewhere = tempfile::tempdir().expect("a folder");
    let path = elsewhere.path().join("a = b.gguf");
    gyre_gguf::tiny::random_llama(3, &path).expect("writes");
    let mut config = models.config();
    config.models.push(("far".to_owned(), path));
    config.reload.push("far".to_owned());
    let engine = Engine::start(config);
    engine.load("far", |_| {}).await.expect("loads");
    let pid = engine.status().pid.expect("runs");
    let mut one = engine
        .chat("far", TENANT, request("x", 900))
        .await
        .expect("starts");
    let mut two = engine
        .chat("far", TENANT, request("y", 900))
        .await
        .expect("starts");
    for stream in [&mut one, &mut two] {
        stream.next_delta().await.expect("goes on").expect("not the end");
    }
    signal(pid, "-9");
    for stream in [&mut one, &mut two] {
        assert_eq!(
            read_to_end(stream).await.expect_err("was cut").kind(),
            "worker-died"
        );
    }
    // Nobody asks for it: the supervisor does.
    for _ in 0..500 {
        if engine.stats().await.is_ok_and(|models| models.len() == 1) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(engine.stats().await.expect("answers")[0].model, "far");
    let mut again = engine.chat("far", TENANT, request("x", 3)).await.expect("starts");
    assert_eq!(read_to_end(&mut again).await.expect("ends").0.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hung_worker_is_noticed_killed_and_started_again() {
    let models = Models::new();
    let mut config = models.config();
    config.answer_wait = Duration::from_millis(300);
    config.delta_window = 1;
    let engine = Engine::start(config);
    let mut stream = engine
        .chat("talk", TENANT, request("x", 900))
        .await
        .expect("starts");
    stream.next_delta().await.expect("goes on").expect("not the end");
    let pid = engine.status().pid.expect("runs");
    signal(pid, "-STOP");
    let error = read_to_end(&mut stream).await.expect_err("was cut");
    assert_eq!(error.kind(), "worker-died");
    assert!(error.to_string().contains("hung"), "{error}");
    let mut again = engine
        .chat("talk", TENANT, request("x", 3))
        .await
        .expect("starts");
    assert_eq!(read_to_end(&mut again).await.expect("ends").0.len(), 3);
    assert_ne!(engine.status().pid, Some(pid));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_cannot_live_is_told_and_not_started_without_end() {
    let folder = tempfile::tempdir().expect("a folder");
    // It ends at once, whatever it is asked.
    let engine = Engine::start(EngineConfig::new("false", folder.path()));
    let unavailable = async {
        loop {
            if let Some(reason) = engine.status().unavailable {
                return reason;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let reason = tokio::time::timeout(Duration::from_secs(10), unavailable)
        .await
        .expect("is noticed");
    assert!(reason.contains("in a row"), "{reason}");
    let error = engine.models().await.expect_err("nobody answers");
    assert_eq!(error.kind(), "worker-died");
}
