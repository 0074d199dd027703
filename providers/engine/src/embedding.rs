//! Embeddings: texts of several calls share a batch, one text of each call in turn.

use std::collections::VecDeque;
use std::time::Duration;

use gyre_engine_ipc::wire::Response;
use gyre_engine_ipc::{Embeddings, EngineError};
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::LlamaContextParams;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;
use std::num::NonZeroU32;

use crate::call::Ticket;
use crate::inbox::{Inbox, Queued};
use crate::no_memory;
use crate::owner::{Job, Setup};

/// Texts in one batch at most.
const TEXTS_IN_BATCH_MAX: usize = 32;
/// Calls worked on in turn; the others wait in the inbox.
const CALLS_MAX: usize = 16;
/// Tokens in one batch, unless one text has more. Attention costs the square of it.
const BATCH_TOKENS: u32 = 512;
const IDLE_WAIT: Duration = Duration::from_secs(3600);

/// A call to embed texts.
pub(crate) struct EmbedJob {
    pub(crate) ticket: Ticket,
    pub(crate) texts: Vec<String>,
}

impl Job for EmbedJob {
    fn into_ticket(self) -> Ticket {
        self.ticket
    }
}

impl Queued for EmbedJob {
    type Line = VecDeque<Self>;
}

/// Serves embedding calls until the inbox is closed and empty.
pub(crate) fn serve(setup: &Setup, model: &LlamaModel, inbox: &Inbox<EmbedJob>) -> Result<(), EngineError> {
    let mut embedder = Embedder::new(setup, model)?;
    let mut running: Vec<Running> = Vec::new();
    loop {
        drop(inbox.remove(|job| job.ticket.is_cancelled()));
        running.retain(|call| !call.ticket.is_cancelled());
        while running.len() < CALLS_MAX
            && let Some(job) = inbox.pop()
        {
            running.push(Running::new(job, embedder.dimension));
        }
        setup.counters.live(running.len());
        if !running.is_empty() {
            embedder.step(setup, &mut running);
            finish(&setup.entry.info.name, &mut running, embedder.dimension);
        } else if inbox.is_closed() {
            return Ok(());
        } else {
            inbox.bell().wait(IDLE_WAIT);
        }
    }
}

/// A call whose texts are being embedded.
struct Running {
    ticket: Ticket,
    texts: std::vec::IntoIter<String>,
    /// The next text's tokens, when they did not fit the last batch.
    held: Option<Vec<LlamaToken>>,
    placed: usize,
    filled: usize,
    vectors: Vec<f32>,
    prompt_tokens: u32,
    truncated: u32,
    failed: Option<EngineError>,
}

impl Running {
    fn new(job: EmbedJob, dimension: usize) -> Self {
        Self {
            vectors: vec![0.0; job.texts.len() * dimension],
            ticket: job.ticket,
            texts: job.texts.into_iter(),
            held: None,
            placed: 0,
            filled: 0,
            prompt_tokens: 0,
            truncated: 0,
            failed: None,
        }
    }
}

struct Embedder<'m> {
    model: &'m LlamaModel,
    context: LlamaContext<'m>,
    batch: LlamaBatch<'static>,
    batch_tokens_max: usize,
    text_tokens_max: usize,
    dimension: usize,
}

/// Where a text of a batch belongs: which call, which of its vectors.
type Place = (usize, usize);

impl<'m> Embedder<'m> {
    fn new(setup: &Setup, model: &'m LlamaModel) -> Result<Self, EngineError> {
        let text_tokens_max = model.n_ctx_train().min(setup.args.context_tokens_max).max(1);
        let batch_tokens_max = text_tokens_max.max(BATCH_TOKENS);
        let params = LlamaContextParams::default()
            .with_n_ctx(NonZeroU32::new(batch_tokens_max))
            .with_n_batch(batch_tokens_max)
            // Attention over a whole text needs it in one piece.
            .with_n_ubatch(batch_tokens_max)
            .with_n_seq_max(TEXTS_IN_BATCH_MAX as u32)
            .with_kv_unified(true)
            .with_embeddings(true)
            .with_n_threads(setup.args.threads())
            .with_n_threads_batch(setup.args.threads());
        let context = model
            .new_context(&setup.backend, params)
            .map_err(|error| no_memory::for_context(&setup.args, &setup.entry.info.name, &error))?;
        Ok(Self {
            model,
            context,
            batch: LlamaBatch::new(batch_tokens_max as usize, 1),
            batch_tokens_max: batch_tokens_max as usize,
            text_tokens_max: text_tokens_max as usize,
            dimension: usize::try_from(model.n_embd_out()).unwrap_or_default(),
        })
    }

    /// Computes one batch.
    fn step(&mut self, setup: &Setup, running: &mut [Running]) {
        let places = self.pack(running);
        if places.is_empty() {
            return;
        }
        setup.counters.step(self.batch.n_tokens() as usize, places.len());
        self.context.clear_kv_cache();
        let decoded = self.context.decode(&mut self.batch);
        for (sequence, (call, row)) in places.into_iter().enumerate() {
            let call = &mut running[call];
            let vector = match &decoded {
                Ok(()) => self
                    .context
                    .embeddings_seq_ith(sequence as i32)
                    .map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            };
            match vector {
                Ok(vector) => {
                    let target = &mut call.vectors[row * self.dimension..][..self.dimension];
                    target.copy_from_slice(vector);
                    normalise(target);
                    call.filled += 1;
                }
                Err(error) => call.failed = Some(EngineError::internal(error)),
            }
        }
    }

    /// Fills the batch with a text of each call in turn, until nothing more fits.
    fn pack(&mut self, running: &mut [Running]) -> Vec<Place> {
        self.batch.clear();
        let mut places = Vec::new();
        loop {
            let before = places.len();
            for (index, call) in running.iter_mut().enumerate() {
                if places.len() == TEXTS_IN_BATCH_MAX {
                    return places;
                }
                if call.failed.is_none()
                    && let Some(row) = self.place(call, places.len())
                {
                    places.push((index, row));
                }
            }
            if places.len() == before {
                return places;
            }
        }
    }

    /// Puts the call's next text into the batch as this sequence, if there is one and it fits.
    fn place(&mut self, call: &mut Running, sequence: usize) -> Option<usize> {
        let tokens = match call.held.take() {
            Some(tokens) => tokens,
            None => {
                let text = call.texts.next()?;
                self.tokens(&text, call)?
            }
        };
        if self.batch.n_tokens() as usize + tokens.len() > self.batch_tokens_max {
            call.held = Some(tokens);
            return None;
        }
        for (position, token) in tokens.iter().enumerate() {
            if let Err(error) = self.batch.add(*token, position as i32, &[sequence as i32], true) {
                call.failed = Some(EngineError::internal(error.to_string()));
                return None;
            }
        }
        call.prompt_tokens = call.prompt_tokens.saturating_add(tokens.len() as u32);
        call.placed += 1;
        Some(call.placed - 1)
    }

    /// The text's tokens, cut to the context; the last one, which ends the text, stays.
    fn tokens(&self, text: &str, call: &mut Running) -> Option<Vec<LlamaToken>> {
        let vocabulary = self.model.vocab();
        let mut tokens = vocabulary.tokenize(text.as_bytes(), true, false);
        if tokens.is_empty() {
            call.failed = Some(EngineError::invalid(format!(
                "text {} is empty for this model",
                call.placed
            )));
            return None;
        }
        if tokens.len() > self.text_tokens_max {
            let last = tokens[tokens.len() - 1];
            tokens.truncate(self.text_tokens_max);
            if vocabulary.should_add_sep() || vocabulary.should_add_eos() {
                tokens[self.text_tokens_max - 1] = last;
            }
            call.truncated += 1;
        }
        Some(tokens)
    }
}

/// Answers the calls that are whole or failed.
fn finish(model: &str, running: &mut Vec<Running>, dimension: usize) {
    for index in (0..running.len()).rev() {
        let call = &running[index];
        if call.failed.is_none() && call.filled * dimension < call.vectors.len() {
            continue;
        }
        let call = running.swap_remove(index);
        match call.failed {
            Some(error) => call.ticket.fail(error),
            None => call.ticket.answer(Response::Embeddings(Embeddings {
                model: model.to_owned(),
                dimension: dimension as u32,
                data: call.vectors,
                prompt_tokens: call.prompt_tokens,
                truncated: call.truncated,
            })),
        }
    }
}

/// Brings a vector to unit length.
pub(crate) fn normalise(vector: &mut [f32]) {
    let square: f64 = vector
        .iter()
        .map(|number| f64::from(*number) * f64::from(*number))
        .sum();
    let length = square.sqrt();
    if length > 0.0 {
        vector
            .iter_mut()
            .for_each(|number| *number = (f64::from(*number) / length) as f32);
    }
}
