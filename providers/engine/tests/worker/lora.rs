//! LoRA adapters by name: each changes what is written, and nobody else's.

use crate::{Models, TENANT, read_to_end};
use gyre_engine_ipc::{Engine, EngineError};
use gyre_gguf::tiny;

const TOKENS: u32 = 40;

fn request(text: &str, adapter: Option<&str>) -> Vec<u8> {
    let adapter = adapter.map_or(String::new(), |name| format!(r#","adapter":"{name}""#));
    format!(
        r#"{{"messages":[{{"role":"user","content":"{text}"}}],"sampling":{{"temperature":0}},"budget":{{"max_tokens":{TOKENS}}}{adapter}}}"#
    )
    .into_bytes()
}

impl Models {
    /// With adapters of the chat model; `odd` is one of another architecture.
    fn with_adapters() -> Self {
        let models = Self::new();
        for (seed, name, architecture) in [
            (11, "poet", "llama"),
            (12, "clerk", "llama"),
            (13, "odd", "qwen3"),
        ] {
            let path = models.folder.path().join(format!("talk.{name}.lora.gguf"));
            tiny::random_lora(seed, architecture, &path).expect("writes");
        }
        models
    }
}

async fn complete(engine: &Engine, text: &str, adapter: Option<&str>) -> Result<String, EngineError> {
    let mut stream = engine.chat("talk", TENANT, request(text, adapter)).await?;
    read_to_end(&mut stream).await.map(|(text, _)| text)
}

#[tokio::test(flavor = "multi_thread")]
async fn adapters_in_flight_at_once_each_write_what_they_write_alone() {
    let models = Models::with_adapters();
    let engine = Engine::start(models.config());
    let calls = [
        ("one", None),
        ("two", Some("poet")),
        ("three of them", Some("clerk")),
        ("four", Some("poet")),
    ];
    let mut alone = Vec::new();
    for (text, adapter) in calls {
        alone.push(complete(&engine, text, adapter).await.expect("ends"));
    }
    for (text, adapter) in [("two", None), ("two", Some("clerk"))] {
        let other = complete(&engine, text, adapter).await.expect("ends");
        assert_ne!(other, alone[1], "the adapter makes a difference: {adapter:?}");
    }
    // A worker that has yet to load the model finds all calls when it begins.
    let engine = Engine::start(models.config());
    let mut streams = Vec::new();
    for (text, adapter) in calls {
        streams.push(
            engine
                .chat("talk", TENANT, request(text, adapter))
                .await
                .expect("starts"),
        );
    }
    let together = streams
        .into_iter()
        .map(|mut stream| tokio::spawn(async move { read_to_end(&mut stream).await }));
    for (task, alone) in together.collect::<Vec<_>>().into_iter().zip(alone) {
        assert_eq!(task.await.expect("joins").expect("ends").0, alone);
    }
    let seen = crate::stats(&engine, "talk").await;
    assert_eq!(
        seen.sequences_in_batch_max, 2,
        "those of one adapter share a batch"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_adapter_that_is_not_there_or_does_not_fit_is_told() {
    let models = Models::with_adapters();
    let engine = Engine::start(models.config());
    let refused = async |adapter: &str| {
        let error = complete(&engine, "x", Some(adapter))
            .await
            .expect_err("is refused");
        (error.kind(), format!("{error}; {}", error.hint()))
    };
    let (kind, told) = refused("nobody").await;
    assert_eq!(kind, "adapter-not-found");
    assert!(told.contains("there are: clerk, odd, poet"), "{told}");
    assert!(told.contains("talk.nobody.lora.gguf"), "{told}");
    let (kind, told) = refused("odd").await;
    assert_eq!(kind, "model-invalid");
    assert!(
        told.contains("`talk.odd.lora.gguf`") && told.contains("`qwen3`"),
        "{told}"
    );
    assert_eq!(refused("../poet").await.0, "invalid");
    complete(&engine, "x", Some("poet"))
        .await
        .expect("the others go on");
    assert_eq!(engine.status().restarts, 0);
    let names: Vec<_> = engine
        .models()
        .await
        .expect("lists")
        .into_iter()
        .map(|it| it.name)
        .collect();
    assert_eq!(names, ["letters", "talk"], "an adapter is no model");
    let error = engine.find("talk.poet.lora").await.expect_err("is no model");
    assert_eq!(error.kind(), "model-not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_adapter_read_is_no_prefix_for_another() {
    let models = Models::with_adapters();
    let engine = Engine::start(models.config());
    let text = "a long beginning ".repeat(20);
    let reused = async |adapter: Option<&str>| {
        let stream = engine.chat("talk", TENANT, request(&text, adapter)).await;
        let ended = read_to_end(&mut stream.expect("starts")).await.expect("ends");
        ended.1.usage.cached_prompt_tokens
    };
    for adapter in [None, Some("poet"), Some("clerk")] {
        assert_eq!(reused(adapter).await, 0, "{adapter:?}");
        assert!(reused(adapter).await > 300, "its own is: {adapter:?}");
    }
}
