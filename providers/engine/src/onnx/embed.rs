//! Embeddings: texts of several calls share a batch, one text of each call in turn.

use gyre_engine_ipc::wire::Response;
use gyre_engine_ipc::{Embeddings, EngineError};
use ort::session::Session;

use super::batch;
use super::text::Texts;
use super::watch::{Failed, Watch};
use crate::call::Ticket;
use crate::counters::Counters;

/// Texts in one batch at most.
const TEXTS_IN_BATCH_MAX: usize = 32;
/// Tokens in one batch, padding included, unless one text has more. Attention costs the square of a text's.
const BATCH_TOKENS: usize = 512;

/// A call whose texts are being embedded.
pub(super) struct Running {
    ticket: Ticket,
    texts: std::vec::IntoIter<String>,
    /// The next text's tokens, when they did not fit the last batch.
    held: Option<Vec<i64>>,
    vectors: Vec<Vec<f32>>,
    placed: usize,
    prompt_tokens: u32,
    truncated: u32,
    failed: Option<EngineError>,
}

impl Running {
    pub(super) fn new(ticket: Ticket, texts: Vec<String>) -> Self {
        Self {
            ticket,
            vectors: vec![Vec::new(); texts.len()],
            texts: texts.into_iter(),
            held: None,
            placed: 0,
            prompt_tokens: 0,
            truncated: 0,
            failed: None,
        }
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.ticket.is_cancelled()
    }

    fn is_whole(&self) -> bool {
        self.vectors.iter().all(|vector| !vector.is_empty())
    }

    /// The tokens of the next text.
    fn next(&mut self, texts: &Texts) -> Option<Vec<i64>> {
        if self.failed.is_some() {
            return None;
        }
        if let Some(held) = self.held.take() {
            return Some(held);
        }
        match texts.tokens(&self.texts.next()?) {
            Ok(tokens) if tokens.ids.is_empty() => {
                let message = format!("text {} is empty for this model", self.placed);
                self.failed = Some(EngineError::invalid(message));
                None
            }
            Ok(tokens) => {
                self.truncated += u32::from(tokens.cut);
                Some(tokens.ids)
            }
            Err(error) => {
                self.failed = Some(error);
                None
            }
        }
    }
}

/// A loaded encoder.
pub(super) struct Embedder {
    pub(super) texts: Texts,
    /// The output that has the vectors.
    pub(super) output: String,
}

/// Where a text of a batch belongs: which call, which of its vectors.
type Place = (usize, usize);

impl Embedder {
    /// Computes one batch. It is ended when nobody waits for any of the calls.
    pub(super) fn step(&self, session: &mut Session, watch: &Watch<'_>, running: &mut [Running]) {
        let (places, rows) = self.pack(running);
        if rows.is_empty() {
            return;
        }
        watch.counters.step(rows.iter().map(Vec::len).sum(), rows.len());
        let is_abandoned = || running.iter().all(Running::is_cancelled);
        let inputs = batch::inputs(session, &rows);
        let vectors = inputs.and_then(|inputs| {
            watch.run(session, inputs, is_abandoned, |outputs| {
                batch::vectors(outputs, &self.output, &rows)
            })
        });
        match vectors {
            Ok(vectors) => {
                for ((call, row), vector) in places.into_iter().zip(vectors) {
                    running[call].vectors[row] = vector;
                }
            }
            Err(failed) => {
                let error = told(failed);
                for (call, _) in places {
                    running[call].failed = Some(error.clone());
                }
            }
        }
    }

    /// A text of each call in turn, until nothing more fits.
    fn pack(&self, running: &mut [Running]) -> (Vec<Place>, Vec<Vec<i64>>) {
        let (mut places, mut rows) = (Vec::new(), Vec::<Vec<i64>>::new());
        let mut longest = 0;
        loop {
            let before = rows.len();
            for (index, call) in running.iter_mut().enumerate() {
                if rows.len() == TEXTS_IN_BATCH_MAX {
                    return (places, rows);
                }
                let Some(tokens) = call.next(&self.texts) else {
                    continue;
                };
                let padded = longest.max(tokens.len());
                if !rows.is_empty() && padded * (rows.len() + 1) > BATCH_TOKENS {
                    call.held = Some(tokens);
                    continue;
                }
                longest = padded;
                call.prompt_tokens = call.prompt_tokens.saturating_add(tokens.len() as u32);
                places.push((index, call.placed));
                call.placed += 1;
                rows.push(tokens);
            }
            if rows.len() == before {
                return (places, rows);
            }
        }
    }
}

fn told(failed: Failed) -> EngineError {
    match failed {
        Failed::Told(error) => error,
        Failed::Graph(error) => {
            tracing::error!(%error, "a batch of texts failed");
            EngineError::internal(format!("the graph failed: {error}"))
        }
    }
}

/// Answers the calls that are whole or failed.
pub(super) fn finish(model: &str, counters: &Counters, running: &mut Vec<Running>) {
    for index in (0..running.len()).rev() {
        if running[index].failed.is_none() && !running[index].is_whole() {
            continue;
        }
        let call = running.swap_remove(index);
        // Who reads the answer also reads that the model is idle.
        counters.live(running.len());
        match call.failed {
            Some(error) => call.ticket.fail(error),
            None => call.ticket.answer(Response::Embeddings(Embeddings {
                model: model.to_owned(),
                dimension: call.vectors.first().map_or(0, |vector| vector.len() as u32),
                data: call.vectors.concat(),
                prompt_tokens: call.prompt_tokens,
                truncated: call.truncated,
            })),
        }
    }
}
