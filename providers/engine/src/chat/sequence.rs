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
    /// Tokens of the prompt that are in the KV memory.
    fed: usize,
    /// All tokens that are in the KV memory.
    position: usize,
    /// The token chosen last, not yet in the KV memory.
    next: Option<LlamaToken>,
    completion_tokens: u32,
}

impl Progress {
    /// Of a prompt whose first tokens are in the KV memory already.
    pub(crate) fn after(reused: usize) -> Self {
        Self {
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

    /// Takes the chosen token, sends what is certain, and says whether the completion goes on.
    pub(crate) fn accept(&mut self, token: LlamaToken, piece: Option<&[u8]>) -> Outcome {
        let Some(piece) = piece else {
            let rest = self.output.finish();
            self.send(rest);
            return Outcome::Ends(self.reason());
        };
        self.progress.completion_tokens += 1;
        self.progress.next = Some(token);
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
