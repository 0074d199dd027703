//! How tokens are chosen: biases, penalties, likelihoods, and that a seed keeps its text in any company.

use crate::{Models, TENANT, read_all, read_to_end, stats};
use gyre_engine_ipc::{ChatStream, Delta, Engine, EngineError, Logprobs};
use serde_json::{Value, json};

const MODEL: &str = "talk";

fn request(text: &str, max_tokens: u32, sampling: Value) -> Vec<u8> {
    json!({
        "messages": [{ "role": "user", "content": text }],
        "sampling": sampling,
        "budget": { "max_tokens": max_tokens },
    })
    .to_string()
    .into_bytes()
}

async fn text(engine: &Engine, json: Vec<u8>) -> Result<String, EngineError> {
    let mut stream = engine.chat(MODEL, TENANT, json).await?;
    read_to_end(&mut stream).await.map(|(text, _)| text)
}

async fn told(stream: &mut ChatStream) -> (String, Vec<Logprobs>) {
    let (mut text, mut all) = (String::new(), Vec::new());
    while let Some(delta) = stream.next_delta().await.expect("goes on") {
        match delta {
            Delta::Text(more) => text.push_str(&more),
            Delta::Logprobs(logprobs) => all.push(logprobs),
            Delta::ToolCall(call) => panic!("{call:?}"),
        }
    }
    (text, all)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_token_is_told_with_its_likelihood() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    let sampling = json!({ "temperature": 0, "logprobs": 3 });
    let mut stream = engine
        .chat(MODEL, TENANT, request("x", 12, sampling))
        .await
        .expect("starts");
    let (text, all) = told(&mut stream).await;
    assert_eq!(all.len(), 12);
    let spelled: Vec<u8> = all.iter().flat_map(|it| it.chosen.bytes.clone()).collect();
    assert_eq!(spelled, text.as_bytes());
    for it in &all {
        assert_eq!(it.top.len(), 3);
        assert_eq!(it.top[0], it.chosen, "the greedy choice is the likeliest");
        assert!(
            it.top.is_sorted_by(|one, other| one.logprob >= other.logprob),
            "{it:?}"
        );
        assert!(it.chosen.logprob <= 0.0, "{it:?}");
    }

    // They are the model's own, whatever else decides the choice.
    let banned = String::from_utf8(all[0].chosen.bytes.clone()).expect("one letter");
    let bias = json!([{ "token": banned, "bias": -100 }]);
    let sampling = json!({ "temperature": 0, "logprobs": 3, "logit_bias": bias });
    let mut stream = engine
        .chat(MODEL, TENANT, request("x", 12, sampling))
        .await
        .expect("starts");
    let (other, biased) = told(&mut stream).await;
    assert!(!other.contains(&banned), "{other}");
    assert_eq!(biased[0].top, all[0].top);
    assert!(biased[0].chosen.logprob < all[0].chosen.logprob, "{biased:?}");

    let sampling = json!({ "temperature": 0, "logprobs": 0 });
    let mut stream = engine
        .chat(MODEL, TENANT, request("x", 2, sampling))
        .await
        .expect("starts");
    assert!(told(&mut stream).await.1.iter().all(|it| it.top.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bias_is_by_number_or_by_a_text_of_one_token() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    let biased = async |token: Value| {
        let bias = json!([{ "token": token, "bias": 100 }]);
        text(
            &engine,
            request("x", 4, json!({ "temperature": 0, "logit_bias": bias })),
        )
        .await
    };
    assert_eq!(biased(json!("Q")).await.expect("ends"), "QQQQ");
    let number = biased(json!(100)).await.expect("ends");
    assert!(
        number.len() == 4 && number.bytes().all(|byte| byte == number.as_bytes()[0]),
        "{number}"
    );
    for (token, part) in [
        (json!("two"), "3 tokens"),
        (json!(1_000_000), "1000000"),
        (json!(4_294_967_295_u32), "4294967295"),
    ] {
        let error = biased(token).await.expect_err(part);
        assert_eq!(error.kind(), "invalid", "{error}");
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn penalties_and_min_p_change_what_is_written() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    let letters = |text: &str| text.bytes().collect::<std::collections::HashSet<_>>().len();
    let greedy = async |more: Value| {
        let mut sampling = json!({ "temperature": 0, "logit_bias": [{ "token": "a", "bias": 12 }, { "token": "b", "bias": 11.5 }] });
        for (key, value) in more.as_object().expect("an object") {
            sampling[key] = value.clone();
        }
        text(&engine, request("x", 30, sampling)).await.expect("ends")
    };
    let plain = greedy(json!({})).await;
    for key in ["frequency_penalty", "presence_penalty"] {
        let penalised = greedy(json!({ key: 2 })).await;
        assert_ne!(penalised, plain, "{key}");
        assert!(
            letters(&penalised) >= letters(&plain),
            "{key}: {penalised} {plain}"
        );
    }
    // Only what is as likely as the likeliest is left, so chance decides nothing.
    let hot = |min_p: f32, seed: u32| json!({ "temperature": 5, "top_k": 1000, "top_p": 1, "min_p": min_p, "seed": seed });
    let one = text(&engine, request("x", 30, hot(1.0, 1))).await.expect("ends");
    let other = text(&engine, request("x", 30, hot(1.0, 2))).await.expect("ends");
    assert_eq!(one, other);
    let free = text(&engine, request("x", 30, hot(0.0, 2))).await.expect("ends");
    assert_ne!(free, other);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_keeps_its_text_alone_and_amid_others() {
    let models = Models::new();
    let mut config = models.config();
    config.sequences_max = 8;
    let seeded = || {
        request(
            "the same",
            80,
            json!({ "temperature": 1, "seed": 42, "top_k": 40 }),
        )
    };
    let engine = Engine::start(config.clone());
    let mut stream = engine.chat(MODEL, TENANT, seeded()).await.expect("starts");
    let alone = read_all(&mut stream).await.expect("ends");

    // A worker that has yet to load the model finds all calls when it begins.
    let engine = Engine::start(config);
    let mut others = Vec::new();
    for seed in 0..7 {
        let prompt = "other ".repeat(seed as usize + 1);
        let json = request(&prompt, 80, json!({ "temperature": 1, "seed": seed }));
        others.push(engine.chat(MODEL, TENANT, json).await.expect("starts"));
    }
    let mut stream = engine.chat(MODEL, TENANT, seeded()).await.expect("starts");
    let others = others
        .into_iter()
        .map(|mut other| tokio::spawn(async move { read_all(&mut other).await }));
    let others: Vec<_> = others.collect();
    assert_eq!(read_all(&mut stream).await.expect("ends"), alone);
    for other in others {
        other.await.expect("joins").expect("ends");
    }
    assert!(stats(&engine, MODEL).await.sequences_in_batch_max >= 4);
}
