//! The worker as the host meets it: a real process, real llama.cpp, models made by the test.

mod aborts;
mod alone;
mod broken_files;
mod budget;
mod chat;
mod drafts;
mod embedding;
mod failure;
mod health;
mod lora;
mod minilm;
mod models;
mod onnx;
mod onnx_encoder;
mod onnx_memory;
mod port;
mod prefix;
mod reference;
mod reranking;
mod sampling;
mod scheduling;
mod schemas;
mod supervision;
mod templates;
mod tenants;
mod tools;

use gyre_engine_ipc::{ChatStream, Delta, Engine, EngineConfig, EngineError, Finish, ModelStats, ToolCall};
use gyre_gguf::tiny;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// Who asks, where it does not matter who.
const TENANT: &str = "test";

/// A models folder with `talk` (chat) and `letters` (embeddings).
struct Models {
    folder: TempDir,
}

impl Models {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        tiny::random_llama(7, &folder.path().join("talk.gguf")).expect("writes");
        tiny::random_bert(7, &folder.path().join("letters.gguf")).expect("writes");
        Self { folder }
    }

    fn config(&self) -> EngineConfig {
        let mut config = EngineConfig::new(env!("CARGO_BIN_EXE_gyre-engine"), self.folder.path());
        config.context_tokens_max = 1024;
        config.sequences_max = 4;
        config.threads = Some(1);
        config
    }

    /// Greedy completions of many tokens, one delta ahead of their reader: a step waits for its reader.
    fn paced(&self) -> Engine {
        let mut config = self.config();
        config.delta_window = 1;
        Engine::start(config)
    }
}

fn request(text: &str, max_tokens: u32) -> Vec<u8> {
    format!(
        r#"{{"messages":[{{"role":"user","content":"{text}"}}],"sampling":{{"temperature":0}},"budget":{{"max_tokens":{max_tokens}}}}}"#
    )
    .into_bytes()
}

async fn read_to_end(stream: &mut ChatStream) -> Result<(String, Finish), EngineError> {
    let (text, calls, finish) = read_all(stream).await?;
    assert_eq!(calls, [], "no call is expected");
    Ok((text, finish))
}

async fn read_all(stream: &mut ChatStream) -> Result<(String, Vec<ToolCall>, Finish), EngineError> {
    let (mut text, mut calls) = (String::new(), Vec::new());
    while let Some(delta) = stream.next_delta().await? {
        match &delta {
            Delta::Text(more) => text.push_str(more),
            Delta::ToolCall(call) => calls.push(call.clone()),
            Delta::Logprobs(_) => panic!("nobody asked for {delta:?}"),
        }
    }
    Ok((text, calls, stream.finish().cloned().expect("set with the end")))
}

async fn stats(engine: &Engine, model: &str) -> ModelStats {
    let all = engine.stats().await.expect("answers");
    all.into_iter()
        .find(|stats| stats.model == model)
        .expect("loaded")
}

/// Waits until what the worker tells is as wanted.
async fn until(engine: &Engine, model: &str, wanted: impl Fn(&ModelStats) -> bool) {
    for _ in 0..500 {
        if wanted(&stats(engine, model).await) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never as wanted: {:?}", stats(engine, model).await);
}

/// Sends a signal to a process.
fn signal(pid: u32, signal: &str) {
    let status = Command::new("kill").args([signal, &pid.to_string()]).status();
    assert!(status.expect("runs").success());
}

/// Steps so far, once nothing can step any more because all wait for their readers.
async fn settled_steps(engine: &Engine, model: &str) -> u64 {
    let mut before = stats(engine, model).await.steps;
    loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let steps = stats(engine, model).await.steps;
        if steps == before {
            return steps;
        }
        before = steps;
    }
}
