//! Draft models: what is written is what is written without them, in fewer steps where they are good.

use crate::{Models, TENANT, read_to_end, stats};
use gyre_engine_ipc::{Delta, Engine, Finish, Logprobs};
use gyre_gguf::tiny;

const TOKENS: u32 = 60;
const GREEDY: &str = r#"{"temperature":0}"#;
const SEEDED: &str = r#"{"temperature":1,"top_p":0.9,"seed":11}"#;
/// With a penalty, what was chosen before counts.
const PENALISED: &str = r#"{"temperature":0.7,"seed":4,"repeat_penalty":1.3}"#;

impl Models {
    /// With `twin`, the same model as `talk`, and `other`, of other weights.
    fn with_drafts() -> Self {
        let models = Self::new();
        for (seed, name) in [(7, "twin"), (8, "other")] {
            let path = models.folder.path().join(format!("{name}.gguf"));
            tiny::random_llama(seed, &path).expect("writes");
        }
        models
    }

    fn drafted_by(&self, draft: Option<&str>) -> Engine {
        let mut config = self.config();
        config.drafts = draft
            .map(|draft| ("talk".to_owned(), draft.to_owned()))
            .into_iter()
            .collect();
        Engine::start(config)
    }
}

async fn complete(engine: &Engine, text: &str, sampling: &str) -> (String, Finish) {
    let json = format!(
        r#"{{"messages":[{{"role":"user","content":"{text}"}}],"sampling":{sampling},"budget":{{"max_tokens":{TOKENS}}}}}"#
    );
    let mut stream = engine
        .chat("talk", TENANT, json.into_bytes())
        .await
        .expect("starts");
    read_to_end(&mut stream).await.expect("ends")
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_change_nothing_but_the_number_of_steps() {
    let models = Models::with_drafts();
    let (without, twin, other) = (
        models.drafted_by(None),
        models.drafted_by(Some("twin")),
        models.drafted_by(Some("other")),
    );
    for sampling in [GREEDY, SEEDED, PENALISED] {
        for text in ["one", "a second prompt"] {
            let expected = complete(&without, text, sampling).await;
            assert_eq!(complete(&twin, text, sampling).await, expected, "{sampling}");
            assert_eq!(complete(&other, text, sampling).await, expected, "{sampling}");
        }
    }
    let twin = models.drafted_by(Some("twin"));
    complete(&twin, "one", GREEDY).await;
    let steps = stats(&twin, "talk").await.steps;
    // The prompt, and then nine tokens a step as long as the reader keeps up.
    assert!(
        steps <= u64::from(TOKENS) / 2,
        "{steps} steps with a perfect draft"
    );
    assert_eq!(twin.status().restarts, 0);
}

async fn likelihoods(engine: &Engine) -> Vec<Logprobs> {
    let json = r#"{"messages":[{"role":"user","content":"x"}],"sampling":{"temperature":0,"logprobs":2},
        "budget":{"max_tokens":30}}"#;
    let stream = engine.chat("talk", TENANT, json.as_bytes().to_vec());
    let mut stream = stream.await.expect("starts");
    let mut all = Vec::new();
    while let Some(delta) = stream.next_delta().await.expect("goes on") {
        if let Delta::Logprobs(logprobs) = delta {
            all.push(logprobs);
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn likelihoods_are_the_models_own_with_a_draft_too() {
    let models = Models::with_drafts();
    let expected = likelihoods(&models.drafted_by(None)).await;
    assert_eq!(expected.len(), 30);
    for draft in ["twin", "other"] {
        let engine = models.drafted_by(Some(draft));
        let told = likelihoods(&engine).await;
        assert_eq!(told.len(), expected.len());
        for (one, other) in told.iter().zip(&expected) {
            assert_eq!(one.chosen.bytes, other.chosen.bytes);
            // Batches of another size differ in their last digits.
            let difference = one.chosen.logprob - other.chosen.logprob;
            assert!(difference.abs() < 0.05, "{one:?} {other:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn completions_that_share_batches_are_not_drafted_and_read_as_alone() {
    let models = Models::with_drafts();
    let without = models.drafted_by(None);
    let mut alone = Vec::new();
    for (text, sampling) in [("one", GREEDY), ("two", SEEDED), ("three", PENALISED)] {
        alone.push(complete(&without, text, sampling).await.0);
    }
    let engine = models.drafted_by(Some("twin"));
    let (one, two, three) = tokio::join!(
        complete(&engine, "one", GREEDY),
        complete(&engine, "two", SEEDED),
        complete(&engine, "three", PENALISED)
    );
    assert_eq!([one.0, two.0, three.0], alone[..]);
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_strings_full_contexts_and_slow_readers_end_as_without() {
    let models = Models::with_drafts();
    let (whole, _) = complete(&models.drafted_by(None), "x", GREEDY).await;
    let requests = [
        format!(
            r#"{{"messages":[{{"role":"user","content":"x"}}],"sampling":{GREEDY},"stop":[{:?}]}}"#,
            &whole[20..23]
        ),
        format!(
            r#"{{"messages":[{{"role":"user","content":"{}"}}],"sampling":{GREEDY}}}"#,
            "x".repeat(900)
        ),
    ];
    for request in requests {
        let mut ends = Vec::new();
        for (draft, window) in [
            (None, 32),
            (Some("twin"), 32),
            (Some("other"), 2),
            (Some("twin"), 1),
        ] {
            let mut config = models.config();
            config.drafts = draft
                .map(|draft| ("talk".to_owned(), draft.to_owned()))
                .into_iter()
                .collect();
            config.delta_window = window;
            let engine = Engine::start(config);
            let mut stream = engine
                .chat("talk", TENANT, request.clone().into_bytes())
                .await
                .expect("starts");
            ends.push(read_to_end(&mut stream).await.expect("ends"));
        }
        assert!(ends.iter().all(|end| *end == ends[0]), "{ends:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_cannot_be_one_is_told_when_the_model_is_loaded() {
    let models = Models::with_drafts();
    let error = models
        .drafted_by(Some("letters"))
        .load("talk", |_| {})
        .await
        .expect_err("has another vocabulary");
    assert_eq!(error.kind(), "model-invalid");
    let told = error.to_string();
    assert!(
        told.contains("`letters.gguf`") && told.contains("its vocabulary has"),
        "{told}"
    );
    let engine = models.drafted_by(Some("nobody"));
    let error = engine.load("talk", |_| {}).await.expect_err("is not there");
    assert_eq!(error.kind(), "model-not-found");
    engine.load("twin", |_| {}).await.expect("others are served");
    assert_eq!(engine.status().restarts, 0);
}
