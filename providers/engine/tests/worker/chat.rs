//! The token path: each token leaves before the next step, hanging up frees, calls share batches.

use crate::{Models, TENANT, read_to_end, request, settled_steps, stats, until};
use gyre_engine_ipc::{Delta, Engine, EngineError, FinishReason};

const MODEL: &str = "talk";

#[tokio::test(flavor = "multi_thread")]
async fn a_token_reaches_its_reader_before_the_next_step() {
    let models = Models::new();
    let engine = models.paced();
    let mut stream = engine
        .chat(MODEL, TENANT, request("hello", 40))
        .await
        .expect("starts");
    for read in 1..=20 {
        let delta = stream.next_delta().await.expect("goes on").expect("not the end");
        assert!(
            matches!(&delta, Delta::Text(text) if text.len() == 1),
            "one printable byte a token: {delta:?}"
        );
        // Credit for the next step was given with this read, so at most one more step was begun.
        let seen = stats(&engine, MODEL).await;
        assert!(
            seen.steps <= read + 1,
            "{} steps when delta {read} was read",
            seen.steps
        );
        assert_eq!(seen.sequences_live, 1);
        assert!(stream.finish().is_none());
    }
    let (_, finish) = read_to_end(&mut stream).await.expect("ends");
    assert_eq!(finish.reason, FinishReason::Length);
    assert_eq!(finish.usage.completion_tokens, 40);
    assert_eq!(finish.model, MODEL);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_pauses_only_itself() {
    let models = Models::new();
    let engine = models.paced();
    let mut slow = engine
        .chat(MODEL, TENANT, request("slow", 900))
        .await
        .expect("starts");
    slow.next_delta().await.expect("goes on").expect("not the end");
    let mut quick = engine
        .chat(MODEL, TENANT, request("quick", 100))
        .await
        .expect("starts");
    let (text, _) = read_to_end(&mut quick)
        .await
        .expect("ends while the slow one waits");
    assert_eq!(text.len(), 100);
    assert_eq!(stats(&engine, MODEL).await.sequences_live, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn hanging_up_frees_the_sequence() {
    let models = Models::new();
    let mut config = models.config();
    config.sequences_max = 1;
    config.delta_window = 1;
    let engine = Engine::start(config);
    let mut held = engine
        .chat(MODEL, TENANT, request("first", 900))
        .await
        .expect("starts");
    held.next_delta().await.expect("goes on").expect("not the end");
    let mut waiting = engine
        .chat(MODEL, TENANT, request("second", 5))
        .await
        .expect("starts");
    until(&engine, MODEL, |stats| {
        stats.sequences_live == 1 && stats.queued == 1
    })
    .await;
    let before = settled_steps(&engine, MODEL).await;
    drop(held);
    let (text, _) = read_to_end(&mut waiting).await.expect("is admitted");
    assert_eq!(text.len(), 5);
    let steps = stats(&engine, MODEL).await.steps - before;
    assert_eq!(steps, 5, "none for the one that hung up");
    until(&engine, MODEL, |stats| {
        stats.sequences_live == 0 && stats.queued == 0
    })
    .await;
    assert_eq!(engine.status().calls, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_completions_share_batches_and_read_as_alone() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    let prompts = ["one", "two and more", "three, which is the longest of them all"];
    let mut alone = Vec::new();
    for prompt in prompts {
        let mut stream = engine
            .chat(MODEL, TENANT, request(prompt, 60))
            .await
            .expect("starts");
        alone.push(read_to_end(&mut stream).await.expect("ends"));
    }
    assert_eq!(stats(&engine, MODEL).await.sequences_in_batch_max, 1);

    // A worker that has yet to load the model finds all three calls when it begins.
    let engine = Engine::start(models.config());
    let mut streams = Vec::new();
    for prompt in prompts {
        streams.push(
            engine
                .chat(MODEL, TENANT, request(prompt, 60))
                .await
                .expect("starts"),
        );
    }
    let together = streams
        .into_iter()
        .map(|mut stream| tokio::spawn(async move { read_to_end(&mut stream).await }));
    for (task, alone) in together.collect::<Vec<_>>().into_iter().zip(alone) {
        assert_eq!(task.await.expect("joins").expect("ends"), alone);
    }
    assert!(stats(&engine, MODEL).await.sequences_in_batch_max >= 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_repeats_and_a_stop_string_ends() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    let complete = async |json: String| {
        let mut stream = engine
            .chat(MODEL, TENANT, json.into_bytes())
            .await
            .expect("starts");
        read_to_end(&mut stream).await.expect("ends")
    };
    let seeded = |seed: u32| {
        format!(
            r#"{{"messages":[{{"role":"user","content":"x"}}],"sampling":{{"temperature":1,"seed":{seed}}},"budget":{{"max_tokens":40}}}}"#
        )
    };
    let first = complete(seeded(1)).await;
    assert_eq!(first, complete(seeded(1)).await);
    assert_ne!(first.0, complete(seeded(2)).await.0);

    let (whole, _) = complete(String::from_utf8(request("x", 40)).expect("UTF-8")).await;
    let stop = &whole[10..13];
    let json = format!(
        r#"{{"messages":[{{"role":"user","content":"x"}}],"sampling":{{"temperature":0}},"budget":{{"max_tokens":40}},"stop":[{stop:?}]}}"#
    );
    let (cut, finish) = complete(json).await;
    assert_eq!(cut, whole[..whole.find(stop).expect("is there")]);
    assert_eq!(finish.reason, FinishReason::Stop);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_format_is_kept() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    let json = r#"{"messages":[{"role":"user","content":"x"}],"sampling":{"temperature":1,"seed":3},"budget":{"max_tokens":200},
        "format":{"type":"json_schema","schema":{"type":"object","properties":{"a":{"enum":["red","blue"]}},"required":["a"],"additionalProperties":false}}}"#;
    let mut stream = engine.chat(MODEL, TENANT, json.into()).await.expect("starts");
    let (text, finish) = read_to_end(&mut stream).await.expect("ends");
    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON and nothing else");
    assert!(value["a"] == "red" || value["a"] == "blue", "{text}");
    assert_eq!(finish.reason, FinishReason::Stop, "what is whole ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_refused_with_both_numbers() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    let mut stream = engine
        .chat(MODEL, TENANT, request(&"x".repeat(2000), 5))
        .await
        .expect("starts");
    match stream.next_delta().await {
        Err(EngineError::ContextTooLong {
            limit_tokens: 1024,
            requested_tokens,
        }) => {
            assert!(requested_tokens > 2000, "{requested_tokens}");
        }
        other => panic!("{other:?}"),
    }
    // A prompt longer than a batch is fed in pieces.
    let mut stream = engine
        .chat(MODEL, TENANT, request(&"x".repeat(900), 5))
        .await
        .expect("starts");
    let (text, finish) = read_to_end(&mut stream).await.expect("ends");
    assert_eq!((text.len(), finish.reason), (5, FinishReason::Length));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_context_ends_a_completion() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    let mut stream = engine
        .chat(MODEL, TENANT, request(&"x".repeat(900), 5000))
        .await
        .expect("starts");
    let (text, finish) = read_to_end(&mut stream).await.expect("ends");
    assert_eq!(finish.reason, FinishReason::Length);
    let usage = finish.usage;
    assert_eq!(text.len(), usage.completion_tokens as usize);
    // The last token needs no place of its own.
    assert_eq!(usage.prompt_tokens + usage.completion_tokens, 1024 + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_text_spells_is_read_as_text() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    let mut tokens = Vec::new();
    for text in ["<|end|>", "<_end_>"] {
        let mut stream = engine
            .chat(MODEL, TENANT, request(text, 1))
            .await
            .expect("starts");
        let (_, finish) = read_to_end(&mut stream).await.expect("ends");
        tokens.push(finish.usage.prompt_tokens);
    }
    assert_eq!(tokens[0], tokens[1], "each of its characters is a token");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_ends_a_completion() {
    let models = Models::new();
    let engine = models.paced();
    let json = r#"{"messages":[{"role":"user","content":"x"}],"budget":{"deadline_ms":1}}"#;
    let mut stream = engine.chat(MODEL, TENANT, json.into()).await.expect("starts");
    assert_eq!(stream.next_delta().await, Err(EngineError::DeadlineExceeded));
}
