//! One completion in its slot.

use gyre_engine_ipc::wire::Response;
use gyre_engine_ipc::{Delta, EngineError, Finish, FinishReason, Logprobs, Usage};
use llama_cpp_2::token::LlamaToken;

use super::budget::{Allowance, Expired, Times};
use super::memory::Awaited;
use super::output::Output;
use super::place::Place;
use super::plan::Want;
use super::sampler::Sampler;
use crate::call::Ticket;

/// A completion made ready: in a slot its KV memory is that slot's, nobody else's. Without a slot it waits for one, and
/// goes on where it was: what it chooses depends on its tokens and on the state of its sampler, which it keeps.
pub(crate) struct Sequence {
    pub(crate) ticket: Ticket,
    pub(crate) place: Place,
    /// When it came, among all calls of its model.
    pub(crate) arrived: u64,
    pub(crate) sampler: Sampler,
    pub(crate) output: Output,
    /// The number of its adapter.
    pub(crate) adapter: Option<usize>,
    /// The prompt, then what was chosen.
    pub(crate) tokens: Vec<LlamaToken>,
    pub(crate) prompt_tokens: usize,
    /// Tokens of the prompt that were in the KV memory from the start.
    pub(crate) cached: usize,
    /// What it waits for: another prompt that begins alike is being fed.
    pub(crate) awaited: Option<Awaited>,
    /// Tokens that are in the KV memory.
    pub(crate) fed: usize,
    pub(crate) allowance: Allowance,
    pub(crate) times: Times,
    /// Positions of its slot.
    pub(crate) context_tokens: usize,
    /// Times that it made room for another.
    pub(crate) preemptions: u32,
}

/// What came of a chosen token.
pub(crate) enum Outcome {
    GoesOn,
    Ends(FinishReason),
}

impl Sequence {
    pub(crate) fn want(&self) -> Want {
        let unfed = self.tokens.len() - self.fed;
        // The last token makes the next one, which its reader must have room for.
        let wanted = unfed.saturating_sub(usize::from(!self.ticket.has_credit()));
        match wanted {
            0 => Want::Nothing,
            1 if unfed == 1 && self.fed >= self.prompt_tokens => Want::Token,
            tokens => Want::Prompt(tokens),
        }
    }

    /// Takes tokens for the batch: each with its position, and whether its logits are wanted.
    pub(crate) fn feed(&mut self, count: usize) -> Vec<(LlamaToken, i32, bool)> {
        let first = self.fed;
        self.fed = (first + count).min(self.tokens.len());
        let last = self.tokens.len() - 1;
        (first..self.fed)
            .map(|at| {
                let position = i32::try_from(at).unwrap_or(i32::MAX);
                (self.tokens[at], position, at == last)
            })
            .collect()
    }

    /// How many tokens may be chosen in one step beyond the first: each needs a reader, budget and context.
    pub(crate) fn ahead_max(&self) -> usize {
        let budget = self.allowance.tokens_max.saturating_sub(self.completion_tokens());
        let context = self.context_tokens.saturating_sub(self.fed + 1);
        context
            .min(budget as usize)
            .min(self.ticket.credit() as usize)
            .saturating_sub(1)
    }

    /// Takes the token chosen last for the batch, and drafted ones behind it, which are not certain yet.
    pub(crate) fn feed_with(&mut self, drafted: &[LlamaToken]) -> Vec<(LlamaToken, i32)> {
        let first = self.fed;
        self.fed = self.tokens.len();
        let place = |(offset, token)| (token, i32::try_from(first + offset).unwrap_or(i32::MAX));
        let certain = self.tokens[first..].iter();
        certain.chain(drafted).copied().enumerate().map(place).collect()
    }

    /// The token chosen last is the one that was drafted: the KV memory has it.
    pub(crate) fn confirm(&mut self) {
        self.fed = self.tokens.len();
    }

    /// Takes the chosen token, sends what is certain, and says whether the completion goes on.
    /// `logprobs` go before the text, which may be held back.
    pub(crate) fn accept(
        &mut self,
        token: LlamaToken,
        piece: Option<&[u8]>,
        logprobs: Option<Logprobs>,
    ) -> Outcome {
        let Some(piece) = piece else {
            let rest = self.output.finish();
            self.send(rest);
            return Outcome::Ends(self.reason());
        };
        self.tokens.push(token);
        let mut deltas: Vec<Delta> = logprobs.map(Delta::Logprobs).into_iter().collect();
        deltas.extend(self.output.push(piece));
        let cut = self.cut();
        let stopped = self.output.is_stopped();
        if cut.is_some() || stopped {
            deltas.extend(self.output.finish());
        }
        self.send(deltas);
        match (stopped || self.output.is_stopped(), cut) {
            (true, _) => Outcome::Ends(self.reason()),
            (false, Some(reason)) => Outcome::Ends(reason),
            (false, None) => Outcome::GoesOn,
        }
    }

    /// What cuts it now.
    fn cut(&self) -> Option<FinishReason> {
        let spent = self.completion_tokens() >= self.allowance.tokens_max;
        let full = self.fed >= self.context_tokens;
        match (spent, full) {
            (true, _) => Some(self.allowance.reason),
            (false, true) => Some(FinishReason::Length),
            (false, false) => None,
        }
    }

    fn completion_tokens(&self) -> u32 {
        let completion = self.tokens.len() - self.prompt_tokens;
        u32::try_from(completion).unwrap_or(u32::MAX)
    }

    /// Ends it when its time is over.
    pub(crate) fn expire(mut self, expired: Expired, model: &str) {
        if expired == Expired::Deadline || self.completion_tokens() == 0 {
            return self.fail(expired.error());
        }
        let rest = self.output.finish();
        if !rest.is_empty() {
            self.ticket.last_deltas(rest);
        }
        self.end(FinishReason::TimeExhausted, model);
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
            prompt_tokens: u32::try_from(self.prompt_tokens).unwrap_or(u32::MAX),
            completion_tokens: self.completion_tokens(),
            cached_prompt_tokens: u32::try_from(self.cached).unwrap_or(u32::MAX),
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
