//! Who is computed when: bounded prefill, urgency, preemption. By the worker's own count of steps.
//!
//! With a window of one delta a step waits for its reader, so a test that reads nothing stops the clock.

use std::fs;
use std::sync::{Arc, Mutex};

use crate::{Models, read_to_end, stats, until};
use gyre_engine_ipc::{ChatStream, Engine};

pub(crate) const MODEL: &str = "talk";

/// A greedy request with more fields.
pub(crate) fn request(text: &str, max_tokens: u32, more: &str) -> Vec<u8> {
    format!(
        r#"{{"messages":[{{"role":"user","content":"{text}"}}],"sampling":{{"temperature":0}},"budget":{{"max_tokens":{max_tokens}}}{more}}}"#
    )
    .into_bytes()
}

pub(crate) async fn start(engine: &Engine, tenant: &str, request: Vec<u8>) -> ChatStream {
    engine.chat(MODEL, tenant, request).await.expect("starts")
}

pub(crate) async fn first(stream: &mut ChatStream) {
    stream.next_delta().await.expect("goes on").expect("not the end");
}

/// Gives the model a longer context: the number behind its key in the file's header.
fn lengthen(models: &Models, context_tokens: u32) {
    let path = models.folder.path().join("talk.gguf");
    let mut file = fs::read(&path).expect("reads");
    let key = b"llama.context_length";
    let at = file
        .windows(key.len())
        .position(|it| it == key)
        .expect("is there");
    // Between them stands the number's type.
    let value = at + key.len() + 4;
    file[value..value + 4].copy_from_slice(&context_tokens.to_le_bytes());
    fs::write(&path, file).expect("writes");
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_a_long_prompt_who_is_answered_gets_a_token_in_every_step() {
    let models = Models::new();
    lengthen(&models, 8192);
    let mut config = models.config();
    config.context_tokens_max = 8192;
    config.delta_window = 256;
    let engine = Engine::start(config);
    // Both are there before the model is.
    let mut answered = start(&engine, "a", request("hi", 20, "")).await;
    let mut long = start(&engine, "a", request(&"x".repeat(4096), 1, "")).await;
    let (_, answer) = read_to_end(&mut answered).await.expect("ends");
    let (_, prompt) = read_to_end(&mut long).await.expect("ends");
    let (short, long) = (
        u64::from(answer.usage.prompt_tokens),
        u64::from(prompt.usage.prompt_tokens),
    );
    // While nobody is answered a step takes 512 tokens of prompts, beside a sampled one 128.
    let left = long - (512 - short) - 19 * 128;
    let seen = stats(&engine, MODEL).await;
    assert_eq!(seen.steps, 20 + left.div_ceil(512), "{seen:?}");
    assert_eq!((seen.prompt_tokens, seen.completion_tokens), (short + long, 19));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preempted_completion_reads_as_one_that_was_not() {
    let models = Models::new();
    let sampled = r#"{"temperature":1,"top_p":0.9,"seed":11,"repeat_penalty":1.2}"#;
    for sampling in [r#"{"temperature":0}"#, sampled] {
        let json = format!(
            r#"{{"messages":[{{"role":"user","content":"tell me"}}],"sampling":{sampling},"budget":{{"max_tokens":60}},"priority":"low"}}"#
        );
        let mut config = models.config();
        config.sequences_max = 1;
        config.delta_window = 1;
        let engine = Engine::start(config);
        let mut alone = start(&engine, "a", json.clone().into_bytes()).await;
        let expected = read_to_end(&mut alone).await.expect("ends");
        let mut low = start(&engine, "a", json.into_bytes()).await;
        let mut text = String::new();
        for urgent in ["one", "another", "a third", "a fourth"] {
            for _ in 0..5 {
                if let Some(gyre_engine_ipc::Delta::Text(more)) = low.next_delta().await.expect("goes on") {
                    text.push_str(&more);
                }
            }
            let before = stats(&engine, MODEL).await.preemptions;
            let mut high = start(&engine, "a", request(urgent, 3, r#","priority":"high""#)).await;
            if before < 3 {
                assert_eq!(read_to_end(&mut high).await.expect("goes first").0.len(), 3);
                assert_eq!(stats(&engine, MODEL).await.preemptions, before + 1);
            } else {
                let (rest, finish) = read_to_end(&mut low).await.expect("is not held up again");
                assert_eq!(text.clone() + &rest, expected.0);
                assert_eq!(finish.reason, expected.1.reason);
                read_to_end(&mut high).await.expect("ends");
            }
        }
        assert_eq!(stats(&engine, MODEL).await.preemptions, 3, "{sampling}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_urgent_go_first_and_within_a_tenant_who_came_first() {
    let models = Models::new();
    let mut config = models.config();
    (config.sequences_max, config.delta_window) = (1, 1);
    let engine = Engine::start(config);
    let mut held = start(&engine, "a", request("x", 900, r#","priority":"high""#)).await;
    first(&mut held).await;
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut tasks = Vec::new();
    for name in ["low", "normal", "high", "normal", "high"] {
        let mut stream = start(&engine, "a", request("x", 4, &format!(r#","priority":"{name}""#))).await;
        let order = Arc::clone(&order);
        tasks.push(tokio::spawn(async move {
            first(&mut stream).await;
            order.lock().expect("is whole").push(name);
            read_to_end(&mut stream).await.expect("ends");
        }));
    }
    until(&engine, MODEL, |stats| stats.queued_by_priority == [1, 2, 2]).await;
    drop(held);
    for task in tasks {
        task.await.expect("joins");
    }
    let order = order.lock().expect("is whole").clone();
    assert_eq!(order, ["high", "high", "normal", "normal", "low"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_context_holds_256_sequences() {
    let models = Models::new();
    let mut config = models.config();
    (config.sequences_max, config.context_tokens_max) = (256, 256);
    (config.delta_window, config.queue_max) = (1, 1024);
    let engine = Engine::start(config);
    let mut streams = Vec::new();
    for _ in 0..257 {
        streams.push(start(&engine, "a", request("hi", 100, "")).await);
    }
    until(&engine, MODEL, |stats| {
        stats.sequences_live == 256 && stats.queued == 1
    })
    .await;
    for stream in &mut streams[..256] {
        first(stream).await;
    }
    for stream in &mut streams[..256] {
        first(stream).await;
    }
    let last = streams.pop();
    drop(streams);
    let (text, _) = read_to_end(&mut last.expect("was started")).await.expect("ends");
    assert_eq!(text.len(), 100);
    until(&engine, MODEL, |stats| stats.sequences_live == 0).await;
    assert_eq!(engine.status().restarts, 0);
}
