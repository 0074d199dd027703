//! Budgets of a request: tokens, money and time.

use std::time::Duration;

use crate::{Models, TENANT, read_to_end, stats};
use gyre_engine_ipc::{Engine, EngineError, Finish, FinishReason, Price};

const MODEL: &str = "talk";

fn request(budget: &str) -> Vec<u8> {
    format!(
        r#"{{"messages":[{{"role":"user","content":"hello"}}],"sampling":{{"temperature":0}},"budget":{budget}}}"#
    )
    .into_bytes()
}

async fn complete(engine: &Engine, budget: &str) -> Result<Finish, EngineError> {
    let mut stream = engine.chat(MODEL, TENANT, request(budget)).await.expect("starts");
    read_to_end(&mut stream).await.map(|(_, finish)| finish)
}

/// A millionth for a token that is read, two for one that is written.
fn priced(models: &Models) -> Engine {
    let mut config = models.config();
    let price = Price {
        prompt_micros: 1_000_000,
        completion_micros: 2_000_000,
    };
    config.prices.push((MODEL.to_owned(), price));
    Engine::start(config)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_completion_ends_in_the_step_that_exhausts_a_budget() {
    let models = Models::new();
    let engine = priced(&models);
    let first = complete(&engine, r#"{"max_tokens":1}"#).await.expect("ends");
    let prompt = first.usage.prompt_tokens;
    for (budget, tokens, reason) in [
        (
            format!(r#"{{"total_tokens":{}}}"#, prompt + 3),
            3,
            FinishReason::Length,
        ),
        (
            format!(r#"{{"cost_micros_max":{}}}"#, prompt + 2 * 4 + 1),
            4,
            FinishReason::CostExhausted,
        ),
    ] {
        let before = stats(&engine, MODEL).await.steps;
        let finish = complete(&engine, &budget).await.expect("ends");
        assert_eq!(
            (finish.reason, finish.usage.completion_tokens),
            (reason, tokens),
            "{budget}"
        );
        let steps = stats(&engine, MODEL).await.steps - before;
        assert_eq!(steps, u64::from(tokens), "{budget}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prompt_that_alone_exceeds_a_budget_is_refused_before_any_step() {
    let models = Models::new();
    let engine = priced(&models);
    for budget in [
        r#"{"total_tokens":5}"#,
        r#"{"cost_micros_max":5}"#,
        r#"{"time_ms_max":0}"#,
    ] {
        let error = complete(&engine, budget).await.expect_err("is too much");
        assert_eq!(error.kind(), "budget-exhausted", "{budget}");
        let field = budget.split('"').nth(1).expect("a field");
        assert!(error.to_string().contains(field), "{error}");
        assert!(error.hint().contains(field), "{}", error.hint());
    }
    assert_eq!(stats(&engine, MODEL).await.steps, 0);
    let unpriced = Engine::start(models.config());
    let error = complete(&unpriced, r#"{"cost_micros_max":5}"#)
        .await
        .expect_err("has no price");
    assert_eq!(error.kind(), "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn time_that_is_over_ends_a_completion_with_what_there_is() {
    let models = Models::new();
    let engine = models.paced();
    engine.load(MODEL, |_| {}).await.expect("loads");
    let budget = r#"{"time_ms_max":1500,"max_tokens":900}"#;
    let mut stream = engine.chat(MODEL, TENANT, request(budget)).await.expect("starts");
    stream.next_delta().await.expect("goes on").expect("not the end");
    // Nobody reads until it is over.
    tokio::time::sleep(Duration::from_millis(2500)).await;
    let (text, finish) = read_to_end(&mut stream).await.expect("ends");
    assert_eq!(finish.reason, FinishReason::TimeExhausted);
    assert_eq!(text.len() + 1, finish.usage.completion_tokens as usize);
}
