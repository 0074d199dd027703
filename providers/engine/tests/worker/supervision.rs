//! A worker that dies or runs out of memory takes nobody with it for long. Workers that misbehave on purpose are in the
//! tests of `gyre-engine-ipc`; here it is the real one.

use crate::{Models, TENANT, read_to_end, request, signal};
use gyre_engine_ipc::{Engine, EngineError};
use std::time::{Duration, Instant};

/// Only a hang is longer; what was measured is printed.
const BACK_WAIT: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn completions_under_a_worker_that_is_killed_fail_each_and_the_next_call_is_answered_soon() {
    for (sent, part) in [("-9", "was killed"), ("-ABRT", "aborted"), ("-TERM", "signal 15")] {
        let models = Models::new();
        let engine = models.paced();
        let mut streams = Vec::new();
        for text in ["a", "b", "c", "d"] {
            let mut stream = engine
                .chat("talk", TENANT, request(text, 900))
                .await
                .expect("starts");
            stream.next_delta().await.expect("goes on").expect("not the end");
            streams.push(stream);
        }
        signal(engine.status().pid.expect("runs"), sent);
        let killed = Instant::now();
        for stream in &mut streams {
            let error = read_to_end(stream).await.expect_err("was cut");
            assert_eq!(error.kind(), "worker-died");
            assert!(error.to_string().contains(part), "{sent}: {error}");
            assert!(error.retry_after_ms().is_some());
        }
        let told = killed.elapsed();
        let mut again = engine
            .chat("talk", TENANT, request("x", 3))
            .await
            .expect("is taken");
        assert_eq!(read_to_end(&mut again).await.expect("ends").0.len(), 3);
        let back = killed.elapsed();
        println!("{sent}: all told after {told:?}, the next call answered after {back:?}");
        assert!(back < BACK_WAIT, "{back:?}");
        assert_eq!(engine.status().calls, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_model_in_use_is_loaded_again_before_anybody_asks() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    engine.embed("letters", vec!["x".into()]).await.expect("embeds");
    let mut stream = engine
        .chat("talk", TENANT, request("x", 2))
        .await
        .expect("starts");
    read_to_end(&mut stream).await.expect("ends");
    signal(engine.status().pid.expect("runs"), "-9");
    let begun = Instant::now();
    loop {
        let loaded = engine.stats().await.unwrap_or_default();
        let mut names: Vec<_> = loaded.iter().map(|model| model.model.as_str()).collect();
        names.sort_unstable();
        if names == ["letters", "talk"] && engine.status().restarts == 1 {
            assert!(loaded.iter().all(|model| model.steps == 0), "{loaded:?}");
            return;
        }
        assert!(begun.elapsed() < BACK_WAIT, "{loaded:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_models_and_slow_readers_are_not_hung() {
    let models = Models::new();
    let mut config = models.config();
    config.delta_window = 1;
    config.step_wait = Duration::from_millis(400);
    let engine = Engine::start(config);
    engine.embed("letters", vec!["x".into()]).await.expect("embeds");
    let mut stream = engine
        .chat("talk", TENANT, request("x", 30))
        .await
        .expect("starts");
    stream.next_delta().await.expect("goes on").expect("not the end");
    tokio::time::sleep(Duration::from_secs(2)).await;
    read_to_end(&mut stream).await.expect("goes on to its end");
    engine.embed("letters", vec!["x".into()]).await.expect("embeds");
    assert_eq!(engine.status().restarts, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_context_that_does_not_fit_the_memory_is_told_and_the_worker_lives() {
    let models = Models::new();
    let mut config = models.config();
    // 256 conversations of 1,024 tokens take 128 MiB.
    config.sequences_max = 256;
    config.data_bytes_max = Some(96 * 1024 * 1024);
    let engine = Engine::start(config.clone());
    for _ in 0..3 {
        let mut stream = engine
            .chat("talk", TENANT, request("x", 3))
            .await
            .expect("is taken");
        let error = read_to_end(&mut stream).await.expect_err("does not fit");
        assert_eq!(error.kind(), "no-memory", "{error}");
        assert!(error.to_string().contains("100663296 bytes"), "{error}");
        assert!(error.hint().contains("--memory-bytes-max"), "{}", error.hint());
    }
    engine
        .embed("letters", vec!["x".into()])
        .await
        .expect("what fits works");
    assert_eq!(engine.status().restarts, 0);
    config.data_bytes_max = Some(4 * 1024 * 1024 * 1024);
    let engine = Engine::start(config);
    let mut stream = engine
        .chat("talk", TENANT, request("x", 3))
        .await
        .expect("is taken");
    assert_eq!(read_to_end(&mut stream).await.expect("fits").0.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_cannot_even_start_in_its_memory_is_told_and_not_started_without_end() {
    let models = Models::new();
    let mut config = models.config();
    config.data_bytes_max = Some(64 * 1024);
    let engine = Engine::start(config);
    let begun = Instant::now();
    let reason = loop {
        assert!(begun.elapsed() < BACK_WAIT, "is noticed");
        if let Some(reason) = engine.status().unavailable {
            break reason;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    assert!(
        reason.contains("in a row") && reason.contains("exit code 2"),
        "{reason}"
    );
    let error = engine.embed("letters", vec!["x".into()]).await;
    assert!(matches!(error, Err(EngineError::WorkerDied { .. })), "{error:?}");
}
