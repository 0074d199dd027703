//! Several models in one worker: what they hold is told and bounded, idle ones make room, none at work does.

use crate::{Models, TENANT, read_to_end, request};
use gyre_engine_ipc::{Engine, EngineError};
use gyre_gguf::tiny;
use std::time::Duration;

impl Models {
    /// With three chat models of one size beside.
    fn with_three() -> Self {
        let models = Self::new();
        for (seed, name) in [(1, "one"), (2, "two"), (3, "three")] {
            let path = models.folder.path().join(format!("{name}.gguf"));
            tiny::random_llama(seed, &path).expect("writes");
        }
        models
    }

    /// What one of them takes.
    async fn size_of_one(&self) -> u64 {
        let engine = Engine::start(self.config());
        engine.load("one", |_| {}).await.expect("loads");
        crate::stats(&engine, "one").await.memory.total()
    }

    /// With room for so many halves of one.
    async fn with_room(&self, halves: u64) -> Engine {
        let mut config = self.config();
        config.delta_window = 1;
        config.memory_bytes_max = Some(self.size_of_one().await / 2 * halves);
        Engine::start(config)
    }
}

async fn loaded(engine: &Engine) -> Vec<String> {
    let stats = engine.stats().await.expect("answers");
    stats.into_iter().map(|model| model.model).collect()
}

/// Waits until these are loaded, and no others.
async fn until_loaded(engine: &Engine, wanted: &[&str]) {
    for _ in 0..500 {
        if loaded(engine).await == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never as wanted: {:?}", loaded(engine).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_is_told_and_freed_by_unload() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    engine.load("talk", |_| {}).await.expect("loads");
    let memory = crate::stats(&engine, "talk").await.memory;
    // 2 layers, 64 numbers wide, keys and values of 2 bytes each, 1024 tokens a sequence.
    let sequences = u64::from(models.config().sequences());
    assert_eq!(memory.kv, 2 * 64 * 2 * 2 * 1024 * sequences);
    let file = std::fs::metadata(models.folder.path().join("talk.gguf")).expect("is there");
    assert!(
        (file.len() / 2..=file.len()).contains(&memory.weights),
        "{memory:?}"
    );
    assert!(memory.compute > 0);
    engine.unload("talk").await.expect("unloads");
    assert_eq!(loaded(&engine).await, [""; 0]);
    engine.unload("talk").await.expect("is not loaded");
    let error = engine.unload("nobody").await.expect_err("is not there");
    assert_eq!(error.kind(), "model-not-found");
    let mut stream = engine
        .chat("talk", TENANT, request("x", 3))
        .await
        .expect("starts");
    assert_eq!(read_to_end(&mut stream).await.expect("ends").0.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unloaded_model_ends_the_calls_it_has() {
    let models = Models::new();
    let engine = models.paced();
    let mut stream = engine
        .chat("talk", TENANT, request("x", 40))
        .await
        .expect("starts");
    stream.next_delta().await.expect("goes on").expect("not the end");
    let unloading = tokio::spawn({
        let engine = engine.clone();
        async move { engine.unload("talk").await }
    });
    let (text, _) = read_to_end(&mut stream).await.expect("ends");
    assert_eq!(text.len(), 39);
    unloading.await.expect("joins").expect("unloads");
    assert_eq!(loaded(&engine).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_idle_model_used_longest_ago_makes_room() {
    let models = Models::with_three();
    let engine = models.with_room(5).await;
    for name in ["one", "two", "one"] {
        engine.load(name, |_| {}).await.expect("loads");
    }
    engine.load("three", |_| {}).await.expect("loads");
    until_loaded(&engine, &["one", "three"]).await;
    // It is loaded again when it is asked for.
    let mut stream = engine.chat("two", TENANT, request("x", 3)).await.expect("starts");
    assert_eq!(read_to_end(&mut stream).await.expect("ends").0.len(), 3);
    until_loaded(&engine, &["three", "two"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_at_work_never_makes_room() {
    let models = Models::with_three();
    let engine = models.with_room(3).await;
    let mut stream = engine
        .chat("one", TENANT, request("x", 60))
        .await
        .expect("starts");
    stream.next_delta().await.expect("goes on").expect("not the end");
    let error = engine.load("two", |_| {}).await.expect_err("there is no room");
    match &error {
        EngineError::OutOfMemory {
            need_bytes,
            limit_bytes,
            held_bytes,
            ..
        } => {
            assert!(need_bytes <= limit_bytes, "{error}");
            assert!(need_bytes + held_bytes > *limit_bytes, "{error}");
        }
        other => panic!("{other:?}"),
    }
    assert!(error.hint().contains("--memory-bytes-max"), "{}", error.hint());
    let (text, _) = read_to_end(&mut stream).await.expect("ends");
    assert_eq!(text.len(), 59);
    engine.load("two", |_| {}).await.expect("now there is");
    until_loaded(&engine, &["two"]).await;
    assert_eq!(engine.status().restarts, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_over_the_limit_is_refused_before_it_is_loaded() {
    let models = Models::with_three();
    let engine = models.with_room(1).await;
    let error = engine.load("one", |_| {}).await.expect_err("is too large");
    assert_eq!(error.kind(), "out-of-memory");
    assert!(error.hint().contains("--context"), "{}", error.hint());
    assert_eq!(loaded(&engine).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn loading_is_told_while_others_compute() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    let mut stream = engine
        .chat("talk", TENANT, request("x", 900))
        .await
        .expect("starts");
    stream.next_delta().await.expect("goes on").expect("not the end");
    let answered = tokio::spawn(async move { read_to_end(&mut stream).await });
    let mut told = Vec::new();
    engine
        .load("letters", |fraction| told.push(fraction))
        .await
        .expect("loads");
    assert!(!told.is_empty(), "nothing was told");
    let (text, _) = answered.await.expect("joins").expect("ends");
    assert_eq!(text.len(), 899);
}
