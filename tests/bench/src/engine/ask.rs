//! A question that every way is asked alike, and its answer with the times of its pieces.

use super::http::Http;
use anyhow::{Context, Result};
use gyre_engine_ipc::{Delta, Engine};
use serde_json::json;
use std::time::{Duration, Instant};

/// One that takes longer is a failure.
const ANSWER_WAIT: Duration = Duration::from_secs(900);
/// Who asks: all callers are one tenant, as all are of one component under `gyre up`.
const TENANT: &str = "bench";

/// A conversation to be completed, greedily.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Ask {
    /// May be empty; what many share comes first.
    pub(crate) system: String,
    pub(crate) user: String,
    pub(crate) tokens: u32,
}

/// What came, and when.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) text: String,
    pub(crate) began: Instant,
    /// When each piece of text came.
    pub(crate) arrivals: Vec<Instant>,
    pub(crate) ended: Instant,
    pub(crate) prompt_tokens: u32,
    pub(crate) tokens: u32,
}

impl Answer {
    pub(crate) fn new(began: Instant) -> Self {
        Self {
            text: String::new(),
            began,
            arrivals: Vec::new(),
            ended: began,
            prompt_tokens: 0,
            tokens: 0,
        }
    }

    pub(crate) fn push(&mut self, text: &str) {
        if !text.is_empty() {
            self.arrivals.push(Instant::now());
            self.text.push_str(text);
        }
    }

    /// Milliseconds to the first piece of text; to the end, where there was none.
    pub(crate) fn first_ms(&self) -> f64 {
        let first = self.arrivals.first().unwrap_or(&self.ended);
        ms(first.duration_since(self.began))
    }
}

pub(crate) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Where a question is put.
#[derive(Clone)]
pub(crate) enum Door {
    /// The worker itself, as a host calls it.
    Worker { engine: Engine, model: String },
    /// An HTTP server that streams as OpenAI's does.
    Http(Http),
}

impl Door {
    /// Asks, and reads to the end; `piece` is told how many pieces of text are there. An answer without its end is an
    /// error.
    pub(crate) async fn ask(&self, ask: &Ask, piece: &mut (dyn FnMut(usize) + Send)) -> Result<Answer> {
        let answer = async {
            match self {
                Self::Worker { engine, model } => worker(engine, model, ask, piece).await,
                Self::Http(http) => http.ask(ask, piece).await,
            }
        };
        tokio::time::timeout(ANSWER_WAIT, answer)
            .await
            .context("it did not end in time")?
    }
}

async fn worker(
    engine: &Engine,
    model: &str,
    ask: &Ask,
    piece: &mut (dyn FnMut(usize) + Send),
) -> Result<Answer> {
    let request = json!({
        "messages": messages(ask),
        "sampling": { "temperature": 0 },
        "budget": { "max_tokens": ask.tokens },
    });
    let mut answer = Answer::new(Instant::now());
    let mut stream = engine.chat(model, TENANT, serde_json::to_vec(&request)?).await?;
    while let Some(delta) = stream.next_delta().await? {
        if let Delta::Text(text) = delta {
            answer.push(&text);
            piece(answer.arrivals.len());
        }
    }
    answer.ended = Instant::now();
    let finish = stream.finish().context("it ended without its finish")?;
    answer.prompt_tokens = finish.usage.prompt_tokens;
    answer.tokens = finish.usage.completion_tokens;
    Ok(answer)
}

/// As both protocols write them.
pub(crate) fn messages(ask: &Ask) -> Vec<serde_json::Value> {
    let message = |role: &str, content: &str| json!({ "role": role, "content": content });
    let mut messages = Vec::new();
    if !ask.system.is_empty() {
        messages.push(message("system", &ask.system));
    }
    messages.push(message("user", &ask.user));
    messages
}
