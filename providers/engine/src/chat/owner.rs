//! The loop of a chat model's owner thread: drop, admit, step.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gyre_engine_ipc::{EngineError, Price};
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::LlamaContextParams;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;

use super::budget::Times;
use super::fair::Classes;
use super::line::{Lines, Placed};
use super::memory::{Limits, Memory};
use super::place::{Place, Tenant};
use super::plan::{Bounds, Turns};
use super::preempt::Patience;
use super::request::ChatRequest;
use super::sequence::Sequence;
use super::template::Template;
use super::vocabulary;
use crate::call::Ticket;
use crate::inbox::{Inbox, Queued};
use crate::no_memory;
use crate::owner::{Job, Setup};

/// Tokens in one batch at most; llama.cpp aborts on more than it was told.
const BATCH_TOKENS: usize = 512;
/// llama.cpp rounds a sequence's context up to this.
const CONTEXT_STEP: u32 = 256;
/// How often paused sequences are looked at for deadlines.
const PAUSED_WAIT: Duration = Duration::from_millis(250);
const IDLE_WAIT: Duration = Duration::from_secs(3600);

/// A call for a completion.
pub(crate) struct ChatJob {
    pub(crate) ticket: Ticket,
    pub(crate) request: ChatRequest,
    pub(super) place: Place,
    pub(super) times: Times,
}

impl ChatJob {
    /// A call that came now; `host` is the tenant that the host names.
    pub(crate) fn new(ticket: Ticket, request: ChatRequest, host: &str) -> Self {
        Self {
            place: Place {
                priority: request.priority,
                tenant: Tenant::new(host, request.tenant.as_deref()),
            },
            times: Times::of(&request.budget, Instant::now()),
            ticket,
            request,
        }
    }
}

impl Job for ChatJob {
    fn into_ticket(self) -> Ticket {
        self.ticket
    }
}

impl Queued for ChatJob {
    type Line = Lines<Self>;
}

impl Placed for ChatJob {
    fn place(&self) -> &Place {
        &self.place
    }
}

/// Serves completions until the inbox is closed and empty.
pub(crate) fn serve(setup: &Setup, model: &LlamaModel, inbox: &Inbox<ChatJob>) -> Result<(), EngineError> {
    let mut batcher = Batcher::new(setup, model)?;
    loop {
        drop_waiting(inbox);
        batcher.drop_unwanted();
        batcher.fill(inbox);
        batcher.count();
        if batcher.step() {
            continue;
        }
        if batcher.is_busy() {
            inbox.bell().wait(PAUSED_WAIT);
            batcher.looks += 1;
        } else if !inbox.is_closed() {
            inbox.bell().wait(IDLE_WAIT);
        } else if inbox.queued() == [0; 3] {
            return Ok(());
        }
    }
}

/// Answers the jobs nobody waits for, or whose time is up.
fn drop_waiting(inbox: &Inbox<ChatJob>) {
    let unwanted = |job: &ChatJob| job.ticket.is_cancelled() || job.times.expired().is_some();
    for job in inbox.remove(unwanted) {
        match job.times.expired() {
            Some(expired) if !job.ticket.is_cancelled() => job.ticket.fail(expired.error()),
            _ => drop(job),
        }
    }
}

/// One context, the sequences in it, and those that wait for it.
pub(super) struct Batcher<'m> {
    pub(super) setup: &'m Setup,
    pub(super) model: &'m LlamaModel,
    pub(super) context: LlamaContext<'m>,
    pub(super) batch: LlamaBatch<'static>,
    pub(super) bounds: Bounds,
    pub(super) template: Template,
    /// Control tokens that mark calls.
    pub(super) markers: Vec<LlamaToken>,
    pub(super) price: Option<Price>,
    pub(super) memory: Memory,
    /// By llama.cpp's number of the sequence.
    pub(super) slots: Vec<Option<Sequence>>,
    /// Sequences without memory: those that made room, each the first of its line, and those that wait for another to be
    /// fed what their prompts share.
    pub(super) parked: Vec<Sequence>,
    pub(super) context_tokens: usize,
    pub(super) turns: Turns,
    pub(super) classes: Classes,
    pub(super) patience: Patience,
    /// Steps, and looks at sequences that all wait for their readers.
    pub(super) looks: u64,
}

impl<'m> Batcher<'m> {
    fn new(setup: &'m Setup, model: &'m LlamaModel) -> Result<Self, EngineError> {
        let sequences = setup.args.sequences();
        let name = &setup.entry.info.name;
        let limit = model.n_ctx_train().min(setup.args.context_tokens_max).max(1);
        let each = limit.next_multiple_of(CONTEXT_STEP);
        let params = LlamaContextParams::default()
            .with_n_ctx(NonZeroU32::new(each.saturating_mul(sequences)))
            .with_n_batch(BATCH_TOKENS as u32)
            .with_n_ubatch(BATCH_TOKENS as u32)
            .with_n_seq_max(sequences)
            .with_kv_unified(false)
            .with_n_threads(setup.args.threads())
            .with_n_threads_batch(setup.args.threads());
        let context = model
            .new_context(&setup.backend, params)
            .map_err(|error| no_memory::for_context(&setup.args, &setup.entry.info.name, &error))?;
        let source = setup.entry.template.as_deref().unwrap_or_default();
        let vocabulary = model.vocab();
        let template = Template::new(source, vocabulary::special(&vocabulary))
            .map_err(|error| unusable(name, &error))?;
        let markers = vocabulary::tokens_of(&vocabulary, template.family().markers());
        let limits = Limits {
            sequences: sequences as usize,
            running_max: setup.args.sequences_max as usize,
            context_tokens: each as usize,
        };
        let whole_only = model.is_recurrent() || model.is_hybrid();
        let priced = setup.args.prices.iter().find(|(model, _)| model == name);
        Ok(Self {
            setup,
            model,
            batch: LlamaBatch::new(BATCH_TOKENS, 1),
            bounds: Bounds {
                batch_tokens: BATCH_TOKENS,
                prefill_tokens: setup.args.prefill_tokens_max as usize,
            },
            template,
            markers,
            price: priced.map(|(_, price)| *price),
            memory: Memory::new(limits, whole_only, Arc::clone(&setup.counters)),
            slots: (0..sequences).map(|_| None).collect(),
            parked: Vec::new(),
            context_tokens: limit as usize,
            turns: Turns::default(),
            classes: Classes::default(),
            patience: Patience::default(),
            looks: 0,
            context,
        })
    }

    /// Whether there is anything under way.
    fn is_busy(&self) -> bool {
        !self.parked.is_empty() || self.slots.iter().any(Option::is_some)
    }

    /// Frees the slots of completions nobody waits for, or whose time is up.
    fn drop_unwanted(&mut self) {
        let model = &self.setup.entry.info.name;
        for slot in 0..self.slots.len() {
            let Some(sequence) = &self.slots[slot] else {
                continue;
            };
            let expired = sequence.times.expired();
            if sequence.ticket.is_cancelled() {
                drop(self.free(slot));
            } else if let Some(expired) = expired
                && let Some(sequence) = self.free(slot)
            {
                self.count();
                sequence.expire(expired, model);
            }
        }
        for sequence in std::mem::take(&mut self.parked) {
            match sequence.times.expired() {
                _ if sequence.ticket.is_cancelled() => drop(sequence),
                Some(expired) => sequence.expire(expired, model),
                None => self.parked.push(sequence),
            }
        }
    }

    /// Empties a slot and gives its KV memory back.
    pub(super) fn free(&mut self, slot: usize) -> Option<Sequence> {
        let sequence = self.slots[slot].take()?;
        self.memory.release(slot);
        Some(sequence)
    }

    /// Who reads that a completion ended also reads that its sequence is free.
    pub(super) fn count(&self) {
        let live = self.slots.iter().flatten().count();
        self.setup.counters.sequences(live, self.parked.len());
    }
}

fn unusable(model: &str, error: &minijinja::Error) -> EngineError {
    let line = error.line().unwrap_or_default();
    let reason = format!(
        "its chat template cannot be compiled (line {line}: {})",
        error.kind()
    );
    EngineError::ModelInvalid {
        file: format!("{model}.gguf"),
        reason,
    }
}
