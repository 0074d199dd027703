//! The loop of a chat model's owner thread: drop, admit, step.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use gyre_engine_ipc::{EngineError, Price};
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::LlamaContextParams;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;

use super::adapters::Groups;
use super::fair::Classes;
use super::job::{self, ChatJob};
use super::memory::{Limits, Memory};
use super::plan::{Bounds, Turns};
use super::preempt::Patience;
use super::sequence::Sequence;
use super::template::{Template, Unusable};
use super::vocabulary;
use crate::adapters::Adapters;
use crate::batch::{CHAT_TOKENS, CONTEXT_STEP};
use crate::drafting::Drafter;
use crate::inbox::Inbox;
use crate::no_memory;
use crate::setup::{Ready, Setup};

/// How often paused sequences are looked at for deadlines.
const PAUSED_WAIT: Duration = Duration::from_millis(250);
const IDLE_WAIT: Duration = Duration::from_secs(3600);

/// Serves completions until the inbox is closed and empty.
pub(crate) fn serve(setup: &Setup, ready: Ready, inbox: &Inbox<ChatJob>) -> Result<(), EngineError> {
    let Ready {
        model,
        adapters,
        draft,
    } = ready;
    let mut batcher = Batcher::new(setup, &model, adapters)?;
    if let Some(draft) = &draft {
        let tokens = u32::try_from(batcher.context_tokens).unwrap_or(u32::MAX);
        batcher.drafter = Some(Drafter::new(setup, draft, tokens)?);
    }
    loop {
        job::drop_waiting(inbox);
        batcher.drop_unwanted();
        batcher.fill(inbox);
        batcher.count();
        if batcher.step(inbox.queued() == [0; 3]) {
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
    pub(super) adapters: Adapters,
    /// The adapter of the last step.
    pub(super) adapter: Option<usize>,
    pub(super) groups: Groups,
    pub(super) drafter: Option<Drafter<'m>>,
    pub(super) turns: Turns,
    pub(super) classes: Classes,
    pub(super) patience: Patience,
    /// Steps, and looks at sequences that all wait for their readers.
    pub(super) looks: u64,
}

impl<'m> Batcher<'m> {
    fn new(setup: &'m Setup, model: &'m LlamaModel, adapters: Adapters) -> Result<Self, EngineError> {
        let sequences = setup.args.sequences();
        let name = &setup.entry.info.name;
        let limit = model.n_ctx_train().min(setup.args.context_tokens_max).max(1);
        let each = limit.next_multiple_of(CONTEXT_STEP);
        let params = LlamaContextParams::default()
            .with_n_ctx(NonZeroU32::new(each.saturating_mul(sequences)))
            .with_n_batch(CHAT_TOKENS as u32)
            .with_n_ubatch(CHAT_TOKENS as u32)
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
            batch: LlamaBatch::new(CHAT_TOKENS, 1),
            bounds: Bounds {
                batch_tokens: CHAT_TOKENS,
                prefill_tokens: setup.args.prefill_tokens_max as usize,
            },
            template,
            markers,
            price: priced.map(|(_, price)| *price),
            memory: Memory::new(limits, whole_only, Arc::clone(&setup.counters)),
            slots: (0..sequences).map(|_| None).collect(),
            parked: Vec::new(),
            context_tokens: limit as usize,
            adapters,
            adapter: None,
            groups: Groups::default(),
            drafter: None,
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

fn unusable(model: &str, error: &Unusable) -> EngineError {
    let reason = format!("its chat template {error}");
    EngineError::ModelInvalid {
        file: format!("{model}.gguf"),
        reason,
    }
}
