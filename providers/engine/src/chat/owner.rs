//! The loop of a chat model's owner thread: drop, admit, plan, decode, choose, send.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use gyre_engine_ipc::EngineError;
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::LlamaContextParams;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;

use super::adapters;
use super::calls::Expected;
use super::grammar;
use super::memory::{Awaited, Limits, Memory, Taken};
use super::output::Output;
use super::plan::{self, Want};
use super::request::ChatRequest;
use super::sampler::Sampler;
use super::sequence::{Outcome, Progress, Sequence};
use super::template::Template;
use super::vocabulary;
use crate::adapters::Adapters;
use crate::call::Ticket;
use crate::drafting::Drafter;
use crate::inbox::Inbox;
use crate::owner::{Job, Ready, Setup};

/// Tokens in one batch at most; llama.cpp aborts on more than it was told.
pub(crate) const BATCH_TOKENS: usize = 512;
/// llama.cpp rounds a sequence's context up to this.
pub(crate) const CONTEXT_STEP: u32 = 256;
/// How often paused sequences are looked at for deadlines.
const PAUSED_WAIT: Duration = Duration::from_millis(250);
const IDLE_WAIT: Duration = Duration::from_secs(3600);
/// Calls name no tenant yet, so all are of one.
const SALT: &str = "";

/// A call for a completion.
pub(crate) struct ChatJob {
    pub(crate) ticket: Ticket,
    pub(crate) request: ChatRequest,
}

impl Job for ChatJob {
    fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    fn into_ticket(self) -> Ticket {
        self.ticket
    }
}

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
        inbox.remove(|job| job.ticket.is_cancelled());
        batcher.drop_unwanted();
        batcher.admit_waiting();
        while batcher.can_admit()
            && let Some(job) = inbox.pop()
        {
            batcher.admit(job);
        }
        let live = batcher.live();
        setup.counters.live(live);
        setup.counters.waiting(batcher.waiting.len());
        let wants = batcher.wants();
        if wants.iter().any(|want| *want != Want::Nothing) {
            batcher.step(&wants);
        } else if live > 0 {
            inbox.bell().wait(PAUSED_WAIT);
        } else if inbox.is_closed() {
            return Ok(());
        } else {
            inbox.bell().wait(IDLE_WAIT);
        }
    }
}

struct Batcher<'m> {
    setup: &'m Setup,
    model: &'m LlamaModel,
    context: LlamaContext<'m>,
    batch: LlamaBatch<'static>,
    template: Template,
    /// Control tokens that mark calls.
    markers: Vec<LlamaToken>,
    memory: Memory,
    /// By llama.cpp's number of the sequence.
    slots: Vec<Option<Sequence>>,
    /// Those whose prompt begins as one does that is being fed.
    waiting: VecDeque<Waiting>,
    context_tokens: usize,
    /// Whose prompt is fed first in the next step.
    turn: usize,
    adapters: Adapters,
    /// The adapter of the next step.
    adapter: Option<usize>,
    drafter: Option<Drafter<'m>>,
}

impl<'m> Batcher<'m> {
    fn new(setup: &'m Setup, model: &'m LlamaModel, adapters: Adapters) -> Result<Self, EngineError> {
        let sequences = setup.args.sequences();
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
            .map_err(|error| EngineError::internal(format!("no context can be made: {error}")))?;
        let source = setup.entry.template.as_deref().unwrap_or_default();
        let vocabulary = model.vocab();
        let template = Template::new(source, vocabulary::special(&vocabulary))
            .map_err(|error| unusable(&setup.entry.info.name, &error))?;
        let markers = vocabulary::tokens_of(&vocabulary, template.family().markers());
        let limits = Limits {
            sequences: sequences as usize,
            running_max: setup.args.sequences_max as usize,
            context_tokens: each as usize,
        };
        let whole_only = model.is_recurrent() || model.is_hybrid();
        Ok(Self {
            setup,
            model,
            batch: LlamaBatch::new(BATCH_TOKENS, 1),
            template,
            markers,
            memory: Memory::new(limits, whole_only, Arc::clone(&setup.counters)),
            slots: (0..sequences).map(|_| None).collect(),
            waiting: VecDeque::new(),
            context_tokens: limit as usize,
            turn: 0,
            adapters,
            adapter: None,
            drafter: None,
            context,
        })
    }

    fn live(&self) -> usize {
        self.slots.iter().flatten().count()
    }

    /// What the sequences want of the next step, which computes with one adapter.
    fn wants(&mut self) -> Vec<Want> {
        let slots = self.slots.iter().map(Option::as_ref);
        let mut wants: Vec<Want> = slots
            .clone()
            .map(|slot| slot.map_or(Want::Nothing, Sequence::want))
            .collect();
        let adapters: Vec<_> = slots.map(|slot| slot.and_then(|slot| slot.adapter)).collect();
        self.adapter = adapters::turn(&wants, &adapters, self.adapter);
        adapters::only(&mut wants, &adapters, self.adapter);
        wants
    }

    /// Frees the slots of completions nobody waits for, or whose time is up.
    fn drop_unwanted(&mut self) {
        for slot in 0..self.slots.len() {
            match &self.slots[slot] {
                Some(sequence) if sequence.ticket.is_cancelled() => drop(self.free(slot)),
                Some(sequence) if sequence.is_expired() => {
                    if let Some(sequence) = self.free(slot) {
                        sequence.fail(EngineError::DeadlineExceeded);
                    }
                }
                _ => {}
            }
        }
        self.waiting.retain(|waiting| !waiting.ticket.is_cancelled());
        let now = SystemTime::now();
        let is_expired =
            |waiting: &Waiting| waiting.prepared.deadline.is_some_and(|deadline| now >= deadline);
        let (expired, waiting) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(is_expired);
        self.waiting = waiting;
        for waiting in VecDeque::into_iter(expired) {
            waiting.ticket.fail(EngineError::DeadlineExceeded);
        }
    }

    /// Empties a slot and gives its KV memory back.
    fn free(&mut self, slot: usize) -> Option<Sequence> {
        let sequence = self.slots[slot].take()?;
        self.memory.release(slot);
        Some(sequence)
    }

    /// Those that wait hold a sampler and a prompt each, so there are no more of them than may run.
    fn can_admit(&self) -> bool {
        self.memory.has_room() && self.waiting.len() < self.setup.args.sequences_max as usize
    }

    fn admit(&mut self, job: ChatJob) {
        let ChatJob { ticket, request } = job;
        match self.prepare(request) {
            Ok(prepared) => self.place(ticket, prepared),
            Err(error) => ticket.fail(error),
        }
    }

    /// Those that waited long enough, in their order.
    fn admit_waiting(&mut self) {
        for _ in 0..self.waiting.len() {
            let Some(waiting) = self.waiting.pop_front() else {
                return;
            };
            if self.memory.has_room() && self.memory.is_over(&waiting.awaited) {
                self.place(waiting.ticket, waiting.prepared);
            } else {
                self.waiting.push_back(waiting);
            }
        }
    }

    /// Gives a sequence to a prompt, or lets it wait for another that begins alike.
    fn place(&mut self, ticket: Ticket, prepared: Prepared) {
        // What an adapter computes is no prefix for others.
        let salt = match prepared.adapter {
            Some(adapter) => format!("{SALT}\0{adapter}"),
            None => SALT.to_owned(),
        };
        let taken = self.memory.take(&mut self.context, &salt, &prepared.prompt);
        match taken {
            Ok(Taken::Wait(awaited)) => self.waiting.push_back(Waiting {
                ticket,
                prepared,
                awaited,
            }),
            Ok(Taken::Room(room)) => {
                let sequence = Sequence {
                    ticket,
                    sampler: prepared.sampler,
                    output: prepared.output,
                    adapter: prepared.adapter,
                    tokens_max: prepared.tokens_max,
                    context_tokens: self.context_tokens,
                    deadline: prepared.deadline,
                    prompt: prepared.prompt,
                    progress: Progress::after(room.reused),
                };
                self.slots[room.id] = Some(sequence);
            }
            Err(error) => ticket.fail(error),
        }
    }

    fn prepare(&self, request: ChatRequest) -> Result<Prepared, EngineError> {
        let deadline = request.budget.deadline();
        if deadline.is_some_and(|deadline| SystemTime::now() >= deadline) {
            return Err(EngineError::DeadlineExceeded);
        }
        let adapter = self.adapters.find(request.adapter.as_deref())?;
        let prompt = vocabulary::prompt(&self.model.vocab(), &self.template.render(&request)?);
        if prompt.is_empty() {
            return Err(EngineError::invalid(
                "the conversation is empty for this model: write something",
            ));
        }
        // At least one token must be left for the answer.
        if prompt.len() >= self.context_tokens {
            let count = |tokens: usize| u32::try_from(tokens).unwrap_or(u32::MAX);
            let limit_tokens = count(self.context_tokens);
            return Err(EngineError::ContextTooLong {
                limit_tokens,
                requested_tokens: count(prompt.len() + 1),
            });
        }
        let grammar = grammar::of(&request)?;
        let gbnf = grammar.as_ref().map(|grammar| grammar.gbnf.as_str());
        let sampler = Sampler::new(self.model, &request.sampling, gbnf)?;
        let expected = (!request.tools.is_empty()).then(|| Expected {
            family: self.template.family(),
            names: request.tools.into_iter().map(|tool| tool.name).collect(),
            bare: grammar.is_some_and(|grammar| grammar.calls),
        });
        Ok(Prepared {
            prompt,
            sampler,
            adapter,
            tokens_max: request.budget.max_tokens.unwrap_or(u32::MAX),
            deadline,
            output: Output::new(request.stop, expected),
        })
    }

    /// Decodes one batch and sends what came of it.
    fn step(&mut self, wants: &[Want]) {
        if let Some((slot, drafted)) = self.draft(wants) {
            return self.step_drafted(slot, &drafted);
        }
        let mut chunks = plan::batch(wants, BATCH_TOKENS, self.turn);
        // llama.cpp computes sequences of neighbouring numbers together, if they are in their order.
        chunks.sort_unstable();
        self.turn = (self.turn + 1) % self.slots.len();
        let mut outputs = Vec::new();
        self.batch.clear();
        for (slot, count) in &chunks {
            let Some(sequence) = &mut self.slots[*slot] else {
                continue;
            };
            for (token, position, wanted) in sequence.feed(*count) {
                let index = self.batch.n_tokens();
                if let Err(error) = self.batch.add(token, position, &[*slot as i32], wanted) {
                    return self.fail(&chunks, &error.to_string());
                }
                self.memory.feed(*slot, token);
                if wanted {
                    outputs.push((*slot, index));
                }
            }
        }
        self.setup
            .counters
            .step(self.batch.n_tokens() as usize, chunks.len());
        if let Err(error) = self.adapters.apply(&mut self.context, self.adapter) {
            return self.fail(&chunks, &error.to_string());
        }
        if let Err(error) = self.context.decode(&mut self.batch) {
            return self.fail(&chunks, &error.to_string());
        }
        for (slot, index) in outputs {
            self.choose(slot, index);
        }
    }

    /// Chooses the next token of a slot and ends its completion if it is the last.
    fn choose(&mut self, slot: usize, index: i32) {
        if let Some((_, outcome)) = self.next(slot, index) {
            self.settle(slot, outcome);
        }
    }

    /// Chooses the next token of a slot.
    fn next(&mut self, slot: usize, index: i32) -> Option<(LlamaToken, Result<Outcome, EngineError>)> {
        let sequence = self.slots[slot].as_mut()?;
        let token = match sequence.sampler.choose(&self.context, index) {
            Ok(token) => token,
            Err(error) => return Some((LlamaToken(-1), Err(error))),
        };
        let vocabulary = self.model.vocab();
        let shown = sequence.output.wants_markers() && self.markers.contains(&token);
        let piece = (!vocabulary.is_eog(token)).then(|| vocabulary.token_to_piece(token, shown, None));
        Some((token, Ok(sequence.accept(token, piece.as_deref()))))
    }

    /// Ends a completion that ended or failed.
    fn settle(&mut self, slot: usize, outcome: Result<Outcome, EngineError>) {
        match outcome {
            Ok(Outcome::GoesOn) => {}
            Ok(Outcome::Ends(reason)) => {
                if let Some(sequence) = self.free(slot) {
                    self.count_live();
                    sequence.end(reason, &self.setup.entry.info.name);
                }
            }
            Err(error) => {
                if let Some(sequence) = self.free(slot) {
                    self.count_live();
                    sequence.fail(error);
                }
            }
        }
    }

    /// Who reads that a completion ended also reads that its sequence is free.
    fn count_live(&self) {
        self.setup.counters.live(self.live());
    }

    /// Ends the completions of a batch that failed: their KV memory is not to be trusted.
    fn fail(&mut self, chunks: &[(usize, usize)], error: &str) {
        tracing::error!(model = self.setup.entry.info.name, error, "a batch failed");
        for (slot, _) in chunks {
            if let Some(sequence) = self.slots[*slot].take() {
                self.memory.discard(&mut self.context, *slot);
                sequence.fail(EngineError::internal("a batch could not be decoded"));
            }
        }
    }
}

#[path = "drafted.rs"]
mod drafted;

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

/// A request that waits until another is fed that begins alike.
struct Waiting {
    ticket: Ticket,
    prepared: Prepared,
    awaited: Awaited,
}

/// A request made ready for a slot.
struct Prepared {
    prompt: Vec<LlamaToken>,
    sampler: Sampler,
    adapter: Option<usize>,
    tokens_max: u32,
    deadline: Option<SystemTime>,
    output: Output,
}
