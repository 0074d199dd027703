//! What the leaf of the port `gyre:inference` writes is what a worker reads: one golden request with all that the port
//! can say, which `inference-nn` writes word for word.

use crate::Models;
use gyre_engine_ipc::{Delta, Engine, EngineError, Finish, Price};
use gyre_gguf::tiny;

const REQUEST: &[u8] = include_bytes!("../../../../tests/contracts/engine/gyre-chat-1.json");
const MODEL: &str = "talk";

fn engine(models: &Models) -> Engine {
    let mut config = models.config();
    let price = Price {
        prompt_micros: 1_000_000,
        completion_micros: 2_000_000,
    };
    config.prices.push((MODEL.to_owned(), price));
    Engine::start(config)
}

/// How it ended, and how many calls and likelihoods came.
async fn ask(engine: &Engine, host: &str) -> Result<(Finish, usize, usize), EngineError> {
    let mut stream = engine.chat(MODEL, host, REQUEST.to_vec()).await?;
    let (mut calls, mut likelihoods) = (0, 0);
    while let Some(delta) = stream.next_delta().await? {
        match delta {
            Delta::Text(_) => {}
            Delta::ToolCall(_) => calls += 1,
            Delta::Logprobs(_) => likelihoods += 1,
        }
    }
    Ok((
        stream.finish().cloned().expect("set with the end"),
        calls,
        likelihoods,
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_the_port_says_is_kept_to() {
    let models = Models::new();
    let engine = engine(&models);
    let missing = ask(&engine, "a").await.expect_err("has no such adapter yet");
    assert_eq!(missing.kind(), "adapter-not-found", "{missing}");
    drop(engine);

    let adapter = models.folder.path().join("talk.poet.lora.gguf");
    tiny::random_lora(11, "llama", &adapter).expect("writes");
    let engine = self::engine(&models);
    let mut cached = Vec::new();
    for host in ["a", "a", "b"] {
        let (finish, calls, likelihoods) = ask(&engine, host).await.expect("ends");
        assert_eq!(calls, 1, "the tool that was named: {finish:?}");
        assert!(likelihoods > 0, "they were asked for: {finish:?}");
        cached.push(finish.usage.cached_prompt_tokens);
    }
    assert!(
        cached[0] == 0 && cached[1] > 0 && cached[2] == 0,
        "the tenant is the host's and the request's together: {cached:?}"
    );
}
