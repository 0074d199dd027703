//! How fast a model writes when it is asked alone.

use std::time::Instant;

use gyre_engine_ipc::Delta;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{EvaluateError, Worker, request};
use crate::data::Example;

/// Time and tokens of some answers, one after another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Speed {
    /// Tokens that were written after the first of each answer.
    pub tokens: u64,
    /// From the first token of each answer to its end.
    pub seconds: f64,
    /// Tokens that were read.
    pub prompt_tokens: u64,
    /// From each request to its first token.
    pub prompt_seconds: f64,
}

impl Speed {
    /// Tokens written in a second; 0 where none were.
    pub fn tokens_per_second(&self) -> f64 {
        rate(self.tokens, self.seconds)
    }

    /// Tokens read in a second; 0 where none were.
    pub fn prompt_tokens_per_second(&self) -> f64 {
        rate(self.prompt_tokens, self.prompt_seconds)
    }
}

fn rate(tokens: u64, seconds: f64) -> f64 {
    match seconds > 0.0 {
        true => tokens as f64 / seconds,
        false => 0.0,
    }
}

/// Asks these examples one after another.
pub async fn speed(worker: &Worker, examples: &[Example], tokens_max: u32) -> Result<Speed, EvaluateError> {
    let mut speed = Speed::default();
    for example in examples {
        let mut request = request(example, tokens_max);
        // Calls come whole; how likely a token was comes with each.
        request["sampling"]["logprobs"] = json!(0);
        one(worker, &request, &mut speed)
            .await
            .map_err(|error| worker.failed(error))?;
    }
    Ok(speed)
}

async fn one(
    worker: &Worker,
    request: &serde_json::Value,
    speed: &mut Speed,
) -> Result<(), gyre_engine_ipc::EngineError> {
    let asked = Instant::now();
    let mut stream = worker.ask(request).await?;
    let mut first = None;
    while let Some(delta) = stream.next_delta().await? {
        if matches!(delta, Delta::Logprobs(_)) {
            first.get_or_insert_with(Instant::now);
        }
    }
    let (Some(first), Some(finish)) = (first, stream.finish()) else {
        return Ok(());
    };
    speed.seconds += first.elapsed().as_secs_f64();
    speed.prompt_seconds += (first - asked).as_secs_f64();
    speed.tokens += u64::from(finish.usage.completion_tokens.saturating_sub(1));
    let read = finish.usage.prompt_tokens - finish.usage.cached_prompt_tokens.min(finish.usage.prompt_tokens);
    speed.prompt_tokens += u64::from(read);
    Ok(())
}
