//! Texts through a context that makes one row of numbers of each: texts of several calls share a batch, one text of
//! each call in turn.

mod work;

use std::num::NonZeroU32;
use std::time::Duration;

use gyre_engine_ipc::EngineError;
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::LlamaContextParams;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;

use crate::batch::POOLED_TOKENS;
use crate::call::Ticket;
use crate::inbox::Inbox;
use crate::no_memory;
use crate::setup::{Job, Ready, Setup};

pub(crate) use work::{Read, Reader, Text, Work};

/// Texts in one batch at most.
const TEXTS_IN_BATCH_MAX: usize = 32;
/// Calls worked on in turn; the others wait in the inbox.
const CALLS_MAX: usize = 16;
const IDLE_WAIT: Duration = Duration::from_secs(3600);

/// Serves calls until the inbox is closed and empty.
pub(crate) fn serve<W: Work>(setup: &Setup, ready: Ready, inbox: &Inbox<W::Job>) -> Result<(), EngineError> {
    let mut pool = Pool::new(setup, &ready.model)?;
    let mut running: Vec<Running<W>> = Vec::new();
    loop {
        drop(inbox.remove(|job| job.ticket().is_cancelled()));
        running.retain(|call| !call.ticket.is_cancelled());
        while running.len() < CALLS_MAX
            && let Some(job) = inbox.pop()
        {
            match W::begin(job, &pool.reader) {
                (ticket, Ok(work)) => running.push(Running::new(ticket, work)),
                (ticket, Err(error)) => ticket.fail(error),
            }
        }
        setup.counters.live(running.len());
        if !running.is_empty() {
            pool.step(setup, &mut running);
            finish(setup, &mut running);
        } else if inbox.is_closed() {
            return Ok(());
        } else {
            inbox.bell().wait(IDLE_WAIT);
        }
    }
}

/// A call whose texts are being read.
struct Running<W> {
    ticket: Ticket,
    work: W,
    /// The next text's tokens, when they did not fit the last batch.
    held: Option<Vec<LlamaToken>>,
    placed: usize,
    filled: usize,
    read: Read,
    failed: Option<EngineError>,
}

impl<W> Running<W> {
    fn new(ticket: Ticket, work: W) -> Self {
        Self {
            ticket,
            work,
            held: None,
            placed: 0,
            filled: 0,
            read: Read::default(),
            failed: None,
        }
    }
}

struct Pool<'m> {
    reader: Reader<'m>,
    context: LlamaContext<'m>,
    batch: LlamaBatch<'static>,
    batch_tokens_max: usize,
}

/// Where a text of a batch belongs: which call, which of its texts.
type Place = (usize, usize);

impl<'m> Pool<'m> {
    fn new(setup: &Setup, model: &'m LlamaModel) -> Result<Self, EngineError> {
        let tokens_max = model.n_ctx_train().min(setup.args.context_tokens_max).max(1);
        let batch_tokens_max = tokens_max.max(POOLED_TOKENS);
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
            reader: Reader {
                model,
                tokens_max: tokens_max as usize,
            },
            context,
            batch: LlamaBatch::new(batch_tokens_max as usize, 1),
            batch_tokens_max: batch_tokens_max as usize,
        })
    }

    /// Computes one batch.
    fn step<W: Work>(&mut self, setup: &Setup, running: &mut [Running<W>]) {
        let places = self.pack(running);
        if places.is_empty() {
            return;
        }
        setup.counters.step(self.batch.n_tokens() as usize, places.len());
        self.context.clear_kv_cache();
        let decoded = self.context.decode(&mut self.batch);
        for (sequence, (call, text)) in places.into_iter().enumerate() {
            let call = &mut running[call];
            let numbers = match &decoded {
                Ok(()) => self
                    .context
                    .embeddings_seq_ith(sequence as i32)
                    .map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            };
            let taken = numbers
                .map_err(EngineError::internal)
                .and_then(|numbers| call.work.take(text, numbers));
            match taken {
                Ok(()) => call.filled += 1,
                Err(error) => call.failed = Some(error),
            }
        }
    }

    /// Fills the batch with a text of each call in turn, until nothing more fits.
    fn pack<W: Work>(&mut self, running: &mut [Running<W>]) -> Vec<Place> {
        self.batch.clear();
        let mut places = Vec::new();
        loop {
            let before = places.len();
            for (index, call) in running.iter_mut().enumerate() {
                if places.len() == TEXTS_IN_BATCH_MAX {
                    return places;
                }
                if call.failed.is_none()
                    && let Some(text) = self.place(call, places.len())
                {
                    places.push((index, text));
                }
            }
            if places.len() == before {
                return places;
            }
        }
    }

    /// Puts the call's next text into the batch as this sequence, if there is one and it fits.
    fn place<W: Work>(&mut self, call: &mut Running<W>, sequence: usize) -> Option<usize> {
        let tokens = match call.held.take() {
            Some(tokens) => tokens,
            None => match call.work.next(&self.reader)? {
                Ok(text) => {
                    call.read.truncated += u32::from(text.is_cut);
                    text.tokens
                }
                Err(error) => {
                    call.failed = Some(error);
                    return None;
                }
            },
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
        call.read.tokens = call.read.tokens.saturating_add(tokens.len() as u32);
        call.placed += 1;
        Some(call.placed - 1)
    }
}

/// Answers the calls that are whole or failed.
fn finish<W: Work>(setup: &Setup, running: &mut Vec<Running<W>>) {
    for index in (0..running.len()).rev() {
        let call = &running[index];
        if call.failed.is_none() && call.filled < call.work.texts() {
            continue;
        }
        let call = running.swap_remove(index);
        // Who reads the answer also reads that the model is idle.
        setup.counters.live(running.len());
        match call.failed {
            Some(error) => call.ticket.fail(error),
            None => {
                let model = &setup.entry.info.name;
                call.ticket.answer(call.work.answer(model, call.read));
            }
        }
    }
}
