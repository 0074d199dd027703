//! Prefix reuse: what prompts begin with is computed once, and nobody can tell by the text.

use crate::{Models, TENANT, read_to_end, stats, until};
use gyre_engine_ipc::{Engine, EngineConfig, Finish};
use serde_json::json;

const MODEL: &str = "talk";
/// The control tokens around one message and before its answer.
const TOKENS_AROUND: u32 = 4;

/// A greedy request: the messages are of the user, the assistant, the user, and so on.
fn request(messages: &[&str], max_tokens: u32) -> Vec<u8> {
    let roles = ["user", "assistant"].into_iter().cycle();
    let messages: Vec<_> = messages
        .iter()
        .zip(roles)
        .map(|(content, role)| json!({ "role": role, "content": content }))
        .collect();
    json!({ "messages": messages, "sampling": { "temperature": 0 }, "budget": { "max_tokens": max_tokens } })
        .to_string()
        .into_bytes()
}

async fn complete(engine: &Engine, messages: &[&str], max_tokens: u32) -> (String, Finish) {
    let request = request(messages, max_tokens);
    let mut stream = engine.chat(MODEL, TENANT, request).await.expect("starts");
    read_to_end(&mut stream).await.expect("ends")
}

/// What a worker answers that computed nothing before.
async fn alone(models: &Models, messages: &[&str], max_tokens: u32) -> String {
    let (text, finish) = complete(&Engine::start(models.config()), messages, max_tokens).await;
    assert_eq!(finish.usage.cached_prompt_tokens, 0);
    text
}

/// A few hundred tokens that many prompts begin with.
fn instructions() -> String {
    "answer in one word, and never tell why. ".repeat(8)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_reused_is_read_as_if_it_were_computed() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    let common = instructions();
    let (one, two) = (format!("{common}one?"), format!("{common}two, or three?"));
    let check = async |messages: &[&str], max_tokens: u32, cached: u32| {
        let (text, finish) = complete(&engine, messages, max_tokens).await;
        assert_eq!(text, alone(&models, messages, max_tokens).await, "{messages:?}");
        assert_eq!(finish.usage.cached_prompt_tokens, cached, "{messages:?}");
        (text, finish.usage.prompt_tokens)
    };
    // Nothing is held yet; then all of this prompt is, and later an answer behind it.
    let (_, length) = check(&[&one], 1, 0).await;
    assert_eq!(length, one.len() as u32 + TOKENS_AROUND);
    let (answer, _) = check(&[&one], 40, length - 1).await;
    check(&[&one], 60, length - 1).await;
    // A part: the user's mark and the instructions, after the mark of the beginning.
    let before = TOKENS_AROUND - 2;
    check(&[&two], 40, before + common.len() as u32).await;
    // The next turn begins with this one and its answer, of which the last token was never computed.
    check(&[&one, &answer, "and then?"], 40, length + 39).await;
    let seen = stats(&engine, MODEL).await;
    assert_eq!(seen.prefix_hits, 4);
    let reused = (length - 1) * 2 + before + common.len() as u32 + length + 39;
    assert_eq!(seen.prefix_tokens_reused, u64::from(reused));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_evicted_is_computed_again() {
    let models = Models::new();
    let mut config = models.config();
    config.sequences_max = 1;
    config.prefix_sequences_max = 1;
    let engine = Engine::start(config);
    let prompts = ["a", "b", "c"].map(|letter| letter.repeat(200));
    let cached = async |prompt: &str| {
        let (text, finish) = complete(&engine, &[prompt], 30).await;
        assert_eq!(text, alone(&models, &[prompt], 30).await);
        finish.usage.cached_prompt_tokens
    };
    assert_eq!(cached(&prompts[0]).await, 0);
    assert_eq!(cached(&prompts[1]).await, 0);
    // Both are there, whatever runs, until a third needs room: that of the one used longest ago.
    assert!(cached(&prompts[0]).await > 200);
    assert_eq!(stats(&engine, MODEL).await.prefix_evictions, 0);
    assert_eq!(cached(&prompts[2]).await, 0);
    assert_eq!(stats(&engine, MODEL).await.prefix_evictions, 1);
    assert!(cached(&prompts[0]).await > 200);
    assert_eq!(cached(&prompts[1]).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_completion_that_runs_is_shared_and_not_disturbed() {
    let models = Models::new();
    let engine = models.paced();
    let common = instructions();
    let (one, two) = (format!("{common}one?"), format!("{common}two?"));
    let mut running = engine
        .chat(MODEL, TENANT, request(&[&one], 60))
        .await
        .expect("starts");
    let first = running.next_delta().await.expect("goes on").expect("not the end");
    let (text, finish) = complete(&engine, &[&two], 60).await;
    assert_eq!(text, alone(&models, &[&two], 60).await);
    assert!(finish.usage.cached_prompt_tokens >= common.len() as u32);
    let (rest, _) = read_to_end(&mut running).await.expect("ends");
    let gyre_engine_ipc::Delta::Text(first) = first else {
        panic!("{first:?}");
    };
    assert_eq!(first + &rest, alone(&models, &[&one], 60).await);
}

/// Sequences that run stand together, so one that comes stands beside the first, and what was there goes elsewhere.
#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_the_way_is_kept_and_found_again() {
    let models = Models::new();
    let engine = models.paced();
    let mut running = engine
        .chat(MODEL, TENANT, request(&["first"], 900))
        .await
        .expect("starts");
    running.next_delta().await.expect("goes on").expect("not the end");
    for (letter, known) in [("a", false), ("b", false), ("c", false), ("b", true), ("a", true)] {
        let prompt = letter.repeat(200);
        let (text, finish) = complete(&engine, &[&prompt], 30).await;
        assert_eq!(text, alone(&models, &[&prompt], 30).await, "{letter}");
        let cached = finish.usage.cached_prompt_tokens;
        assert_eq!(cached > 200, known, "{letter}: {cached}");
    }
    assert_eq!(stats(&engine, MODEL).await.prefix_evictions, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_hangs_up_does_not_hold_up_those_that_wait_for_the_same_beginning() {
    let models = Models::new();
    let common = "x".repeat(800);
    let prompt = |own: usize| format!("{common}{own}{own}{own}");
    let expected = alone(&models, &[&prompt(3)], 10).await;
    let engine = Engine::start(models.config());
    let mut streams = Vec::new();
    for own in 0..4 {
        let request = request(&[&prompt(own)], 10);
        streams.push(engine.chat(MODEL, TENANT, request).await.expect("starts"));
    }
    let mut last = streams.pop().expect("four");
    // The first is being fed, or about to be, and the others wait for it or for the next.
    for stream in streams {
        drop(stream);
        tokio::task::yield_now().await;
    }
    let (text, _) = read_to_end(&mut last).await.expect("ends");
    assert_eq!(text, expected);
    until(&engine, MODEL, |stats| {
        stats.sequences_live == 0 && stats.queued == 0
    })
    .await;
}

/// So many callers at once, whose prompts begin alike: how often that beginning is computed.
async fn share(callers: u64, change: impl Fn(&mut EngineConfig)) {
    const ANSWER: u32 = 5;
    let models = Models::new();
    let mut config = models.config();
    change(&mut config);
    let engine = Engine::start(config);
    let common = "y".repeat(900);
    let mut streams = Vec::new();
    for own in 0..callers {
        let prompt = format!("{common}{own:03} is my number");
        let request = request(&[&prompt], ANSWER);
        streams.push(engine.chat(MODEL, TENANT, request).await.expect("starts"));
    }
    let tasks: Vec<_> = streams
        .into_iter()
        .map(|mut stream| tokio::spawn(async move { read_to_end(&mut stream).await }))
        .collect();
    let (mut computed, mut alike) = (0, 0);
    for task in tasks {
        let (_, finish) = task.await.expect("joins").expect("ends");
        let usage = finish.usage;
        // The last token of an answer is chosen and never computed.
        computed += usage.prompt_tokens - usage.cached_prompt_tokens + usage.completion_tokens - 1;
        alike += u64::from(usage.cached_prompt_tokens >= common.len() as u32);
    }
    assert_eq!(alike, callers - 1, "but for one, all find it");
    let seen = stats(&engine, MODEL).await;
    assert_eq!(seen.tokens, u64::from(computed));
    let own = 16 + u64::from(TOKENS_AROUND + ANSWER);
    assert!(seen.tokens < 900 + callers * own, "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_beginning_of_callers_at_once_is_computed_once() {
    share(64, |config| config.sequences_max = 64).await;
    share(64, |config| config.sequences_max = 8).await;
    share(6, |config| {
        config.sequences_max = 2;
        config.prefix_sequences_max = 0;
    })
    .await;
}
