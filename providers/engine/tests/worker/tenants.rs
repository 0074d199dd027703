//! Tenants under the flood of another: by counts of steps, as in `scheduling`.

use crate::scheduling::{MODEL, first, request, start};
use crate::{Models, read_to_end, settled_steps, stats, until};
use gyre_engine_ipc::{ChatStream, Engine, EngineError};

/// `PATIENCE_STEPS` of the worker: what a tenant that holds nothing waits at most.
const ROUND_STEPS: u64 = 16;

/// Steps until `b` has its first token and one more, alone.
async fn steps_alone(models: &Models) -> u64 {
    let mut config = models.config();
    config.delta_window = 1;
    let engine = Engine::start(config);
    let mut stream = start(&engine, "b", request("hello", 50, "")).await;
    first(&mut stream).await;
    settled_steps(&engine, MODEL).await
}

/// A worker that a tenant has flooded with calls for so many tokens each.
async fn flooded(models: &Models, max_tokens: u32) -> (Engine, Vec<ChatStream>) {
    let mut config = models.config();
    (config.delta_window, config.queue_max) = (1, 512);
    let engine = Engine::start(config);
    let mut flood = Vec::new();
    for _ in 0..200 {
        flood.push(start(&engine, "a", request("again", max_tokens, "")).await);
    }
    (engine, flood)
}

#[tokio::test(flavor = "multi_thread")]
async fn under_a_flood_that_waits_another_goes_with_the_first() {
    let models = Models::new();
    let alone = steps_alone(&models).await;
    let (engine, _flood) = flooded(&models, 30).await;
    let mut stream = start(&engine, "b", request("hello", 50, "")).await;
    first(&mut stream).await;
    let steps = settled_steps(&engine, MODEL).await;
    assert!(steps <= 2 * alone, "{steps} steps, {alone} alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn under_a_flood_that_holds_everything_another_waits_a_round_at_most() {
    let models = Models::new();
    let alone = steps_alone(&models).await;
    let (engine, mut flood) = flooded(&models, 300).await;
    until(&engine, MODEL, |stats| stats.sequences_live == 4).await;
    let before = settled_steps(&engine, MODEL).await;
    let mut other = start(&engine, "b", request("hello", 50, "")).await;
    let mut got = tokio::spawn(async move {
        first(&mut other).await;
        other
    });
    until(&engine, MODEL, |stats| {
        stats.queued == 197 || stats.preemptions > 0
    })
    .await;
    // Each delta that is read is a step of the flood at most.
    let mut turn = 0;
    let other = loop {
        turn = (turn + 1) % 4;
        tokio::select! {
            other = &mut got => break other.expect("joins"),
            () = first(&mut flood[turn]) => {}
        }
    };
    let steps = settled_steps(&engine, MODEL).await - before;
    assert!(steps <= 2 * alone + ROUND_STEPS, "{steps} steps, {alone} alone");
    let seen = stats(&engine, MODEL).await;
    assert_eq!((seen.preemptions, seen.sequences_live), (1, 4), "{seen:?}");
    drop(other);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_fills_half_of_the_queue_and_others_still_get_in() {
    let models = Models::new();
    let mut config = models.config();
    (config.sequences_max, config.delta_window, config.queue_max) = (1, 1, 4);
    let engine = Engine::start(config);
    let mut running = start(&engine, "a", request("x", 900, "")).await;
    first(&mut running).await;
    let _waiting = [
        start(&engine, "a", request("x", 5, "")).await,
        start(&engine, "a", request("x", 5, "")).await,
    ];
    let mut refused = start(&engine, "a", request("x", 5, "")).await;
    match refused.next_delta().await {
        Err(EngineError::Overloaded { retry_after_ms }) => {
            assert!((1..=60_000).contains(&retry_after_ms), "{retry_after_ms}");
        }
        other => panic!("{other:?}"),
    }
    drop(refused);
    let mut other = start(&engine, "b", request("x", 5, "")).await;
    let (text, _) = read_to_end(&mut other).await.expect("is not refused");
    assert_eq!(text.len(), 5, "its reader waits for less than those of `a`");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_names_its_tenants_within_bounds() {
    let engine = Engine::start(Models::new().config());
    for wrong in ["", "a/b", &"x".repeat(300)] {
        let error = engine.chat(MODEL, wrong, request("x", 1, "")).await.err();
        assert_eq!(error.expect("is refused").kind(), "invalid", "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prefix_is_found_by_its_own_tenant_only() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    let text = "a beginning that is long enough to be worth keeping";
    let cached = async |host: &str, own: &str| {
        let mut stream = start(&engine, host, request(text, 2, own)).await;
        let (_, finish) = read_to_end(&mut stream).await.expect("ends");
        finish.usage.cached_prompt_tokens
    };
    let alice = r#","tenant":"alice""#;
    assert_eq!(cached("a", alice).await, 0);
    assert!(cached("a", alice).await > 0);
    for (host, own) in [("b", alice), ("a", r#","tenant":"bob""#), ("a", "")] {
        assert_eq!(cached(host, own).await, 0, "{host}{own}");
    }
}
