//! Many conversations at once, as callers see them.

use anyhow::{Context, Result};
use gyre_engine_ipc::{Delta, Engine, EngineConfig};
use serde::Serialize;
use serde_json::json;
use std::time::{Duration, Instant};

/// A run to measure.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Load {
    pub(crate) sequences: u32,
    pub(crate) prompt_tokens: u32,
    pub(crate) answer_tokens: u32,
    /// Three quarters of every prompt are the same.
    pub(crate) shared_prefix: bool,
}

/// What came of it.
#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    load: Load,
    seconds: f64,
    tokens_per_second: f64,
    first_token_ms_p50: f64,
    first_token_ms_p99: f64,
    /// Between two pieces of text; a piece is one token but where a character takes several.
    between_tokens_ms_p50: f64,
    between_tokens_ms_p99: f64,
    sequences_in_batch_max: u32,
}

/// One conversation.
struct Seen {
    first: Duration,
    gaps: Vec<Duration>,
    tokens: u32,
}

/// Starts all conversations at once and reads them to their ends.
pub(crate) async fn run(config: &EngineConfig, model: &str, load: Load) -> Result<Figures> {
    let mut config = config.clone();
    config.sequences_max = load.sequences;
    // The template and the answer's last token take some.
    config.context_tokens_max = (load.prompt_tokens + load.answer_tokens + 64).max(256);
    config.queue_max = 512;
    config.delta_window = 256;
    let engine = Engine::start(config);
    engine.load(model, |_| {}).await?;
    // One that warms up what is made with the first step. With a shared prefix it also leaves that to be found.
    read(&engine, model, request(load, u32::MAX)).await?;
    let begun = Instant::now();
    let readers: Vec<_> = (0..load.sequences)
        .map(|number| {
            let (engine, model) = (engine.clone(), model.to_owned());
            tokio::spawn(async move { read(&engine, &model, request(load, number)).await })
        })
        .collect();
    let mut seen = Vec::new();
    for reader in readers {
        seen.push(reader.await.context("a reader ended")??);
    }
    let seconds = begun.elapsed().as_secs_f64();
    let stats = engine.stats().await?;
    engine.shutdown().await;
    let first: Vec<_> = seen.iter().map(|it| it.first).collect();
    let gaps: Vec<_> = seen.iter().flat_map(|it| it.gaps.clone()).collect();
    Ok(Figures {
        load,
        seconds,
        tokens_per_second: f64::from(seen.iter().map(|it| it.tokens).sum::<u32>()) / seconds,
        first_token_ms_p50: percentile(&first, 0.5),
        first_token_ms_p99: percentile(&first, 0.99),
        between_tokens_ms_p50: percentile(&gaps, 0.5),
        between_tokens_ms_p99: percentile(&gaps, 0.99),
        sequences_in_batch_max: stats.first().map_or(0, |model| model.sequences_in_batch_max),
    })
}

/// The answer to one prompt, chosen greedily.
pub(crate) async fn greedy(config: &EngineConfig, model: &str, tokens: u32) -> Result<String> {
    let engine = Engine::start(config.clone());
    let load = Load {
        sequences: 1,
        prompt_tokens: 64,
        answer_tokens: tokens,
        shared_prefix: false,
    };
    let mut stream = engine.chat(model, "gpu", request(load, 0)).await?;
    let mut text = String::new();
    while let Some(delta) = stream.next_delta().await? {
        if let Delta::Text(more) = delta {
            text.push_str(&more);
        }
    }
    engine.shutdown().await;
    Ok(text)
}

async fn read(engine: &Engine, model: &str, request: Vec<u8>) -> Result<Seen> {
    let begun = Instant::now();
    let mut stream = engine.chat(model, "gpu", request).await?;
    let mut seen = Seen {
        first: Duration::ZERO,
        gaps: Vec::new(),
        tokens: 0,
    };
    let mut last = None;
    while stream.next_delta().await?.is_some() {
        let now = Instant::now();
        match last {
            None => seen.first = now - begun,
            Some(last) => seen.gaps.push(now - last),
        }
        last = Some(now);
    }
    seen.tokens = stream.finish().map_or(0, |finish| finish.usage.completion_tokens);
    Ok(seen)
}

/// A byte is a token of these models.
fn request(load: Load, number: u32) -> Vec<u8> {
    let total = load.prompt_tokens as usize;
    let shared = if load.shared_prefix { total * 3 / 4 } else { 0 };
    let own: String = format!("{number:x} is its own and ")
        .chars()
        .cycle()
        .take(total - shared)
        .collect();
    let text = "All of them begin so. "
        .chars()
        .cycle()
        .take(shared)
        .collect::<String>()
        + &own;
    json!({ "messages": [{ "role": "user", "content": text }], "sampling": { "temperature": 0 },
        "budget": { "max_tokens": load.answer_tokens } })
    .to_string()
    .into_bytes()
}

fn percentile(times: &[Duration], part: f64) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let at = (sorted.len() as f64 * part) as usize;
    sorted
        .get(at.min(sorted.len().saturating_sub(1)))
        .map_or(0.0, |time| time.as_secs_f64() * 1000.0)
}
