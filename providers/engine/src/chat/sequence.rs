//! One completion in its slot.

use std::time::SystemTime;

use gyre_engine_ipc::wire::Response;
use gyre_engine_ipc::{Delta, EngineError, Finish, FinishReason, Usage};
use llama_cpp_2::token::LlamaToken;

use super::output::Output;
use super::plan::Want;
use super::sampler::Sampler;
use crate::call::Ticket;

/// A completion that was admitted: its KV memory is its slot's, nobody else's.
pub(crate) struct Sequence {
    pub(crate) ticket: Ticket,
    pub(crate) sampler: Sampler,
    pub(crate) prompt: Vec<LlamaToken>,
    pub(crate) output: Output,
    /// The number of its adapter.
    pub(crate) adapter: Option<usize>,
    pub(crate) tokens_max: u32,
    /// Positions of its slot.
    pub(crate) context_tokens: usize,
    pub(crate) deadline: Option<SystemTime>,
    pub(crate) progress: Progress,
}

/// How far it came.
#[derive(Default)]
pub(crate) struct Progress {
    /// Tokens of the prompt that were in the KV memory from the start.
    reused: usize,
    /// Tokens of the prompt that are in the KV memory.
    fed: usize,
    /// All tokens that are in the KV memory.
    position: usize,
    /// The token chosen last, not yet in the KV memory.
    next: Option<LlamaToken>,
    completion_tokens: u32,
    /// All tokens that were chosen.
    written: Vec<LlamaToken>,
}

impl Progress {
    /// Of a prompt whose first tokens are in the KV memory already.
    pub(crate) fn after(reused: usize) -> Self {
        Self {
            reused,
            fed: reused,
            position: reused,
            ..Self::default()
        }
    }
}

/// What came of a chosen token.
pub(crate) enum Outcome {
    GoesOn,
    Ends(FinishReason),
}

impl Sequence {
    pub(crate) fn is_expired(&self) -> bool {
        self.deadline
            .is_some_and(|deadline| SystemTime::now() >= deadline)
    }

    pub(crate) fn want(&self) -> Want {
        let unfed = self.prompt.len() - self.progress.fed;
        match self.progress.next {
            _ if unfed > 0 => Want::Prompt(unfed),
            Some(_) if self.ticket.has_credit() => Want::Token,
            _ => Want::Nothing,
        }
    }

    /// Takes tokens for the batch: each with its position, and whether its logits are wanted.
    pub(crate) fn feed(&mut self, count: usize) -> Vec<(LlamaToken, i32, bool)> {
        let progress = &mut self.progress;
        let tokens = match progress.next.take() {
            Some(token) => vec![token],
            None => self.prompt[progress.fed..progress.fed + count].to_vec(),
        };
        progress.fed = (progress.fed + count).min(self.prompt.len());
        let first = progress.position;
        progress.position += tokens.len();
        let last = if progress.fed == self.prompt.len() {
            progress.position
        } else {
            usize::MAX
        };
        let place = |(offset, token)| {
            let position = first + offset;
            (
                token,
                i32::try_from(position).unwrap_or(i32::MAX),
                position + 1 == last,
            )
        };
        tokens.into_iter().enumerate().map(place).collect()
    }

    /// The prompt and all that was chosen after it.
    pub(crate) fn text(&self) -> Vec<LlamaToken> {
        [self.prompt.as_slice(), &self.progress.written].concat()
    }

    /// How many tokens may be chosen in one step beyond the first: each needs a reader, budget and context.
    pub(crate) fn ahead_max(&self) -> usize {
        let progress = &self.progress;
        let budget = self.tokens_max.saturating_sub(progress.completion_tokens) as usize;
        let context = self.context_tokens.saturating_sub(progress.position + 1);
        budget
            .min(context)
            .min(self.ticket.credit() as usize)
            .saturating_sub(1)
    }

    /// Takes the token chosen last for the batch, and drafted ones behind it, which are not certain yet.
    pub(crate) fn feed_with(&mut self, drafted: &[LlamaToken]) -> Vec<(LlamaToken, i32)> {
        let first = self.progress.position;
        let next = self.progress.next.take();
        self.progress.position += usize::from(next.is_some());
        let place = |(offset, token)| (token, i32::try_from(first + offset).unwrap_or(i32::MAX));
        let tokens = next.into_iter().chain(drafted.iter().copied());
        tokens.enumerate().map(place).collect()
    }

    /// The token chosen last is the one that was drafted: the KV memory has it.
    pub(crate) fn confirm(&mut self) {
        self.progress.next = None;
        self.progress.position += 1;
    }

    /// Tokens in the KV memory that are certain.
    pub(crate) fn position(&self) -> usize {
        self.progress.position
    }

    /// Takes the chosen token, sends what is certain, and says whether the completion goes on.
    pub(crate) fn accept(&mut self, token: LlamaToken, piece: Option<&[u8]>) -> Outcome {
        let Some(piece) = piece else {
            let rest = self.output.finish();
            self.send(rest);
            return Outcome::Ends(self.reason());
        };
        self.progress.completion_tokens += 1;
        self.progress.next = Some(token);
        self.progress.written.push(token);
        let mut deltas = self.output.push(piece);
        let full = self.progress.completion_tokens >= self.tokens_max
            || self.progress.position >= self.context_tokens;
        let stopped = self.output.is_stopped();
        if full || stopped {
            deltas.extend(self.output.finish());
        }
        self.send(deltas);
        match (stopped || self.output.is_stopped(), full) {
            (true, _) => Outcome::Ends(self.reason()),
            (false, true) => Outcome::Ends(FinishReason::Length),
            (false, false) => Outcome::GoesOn,
        }
    }

    /// Why it ends where nothing cut it.
    fn reason(&self) -> FinishReason {
        match self.output.has_calls() {
            true => FinishReason::ToolCalls,
            false => FinishReason::Stop,
        }
    }

    pub(crate) fn end(self, reason: FinishReason, model: &str) {
        let usage = Usage {
            prompt_tokens: u32::try_from(self.prompt.len()).unwrap_or(u32::MAX),
            completion_tokens: self.progress.completion_tokens,
            cached_prompt_tokens: u32::try_from(self.progress.reused).unwrap_or(u32::MAX),
        };
        self.ticket.answer(Response::Finish(Finish {
            reason,
            usage,
            model: model.to_owned(),
        }));
    }

    pub(crate) fn fail(self, error: EngineError) {
        self.ticket.fail(error);
    }

    /// At most one reply a step leaves, so a sequence with credit before the step has enough.
    fn send(&self, deltas: Vec<Delta>) {
        if !deltas.is_empty() {
            self.ticket.deltas(deltas);
        }
    }
}
