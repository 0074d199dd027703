//! What each sequence of a context holds, and which one a prompt gets. Pure: who asks does to the KV memory as told.

use llama_cpp_2::token::LlamaToken;

use super::prefix::Prefixes;

/// A shorter prefix is not worth keeping or looking for.
const REUSED_TOKENS_MIN: usize = 16;
/// A copy moves a sequence's whole memory, used or not, which takes as long as computing a share of its tokens: far
/// less than this one on CPUs, about so much on GPUs (`docs/engine.md`).
const COPY_COST_DIVISOR: usize = 64;

/// The sequences of one context. Those that are idle keep what they hold, as prefixes for prompts to come.
pub(super) struct Pool {
    prefixes: Prefixes,
    places: Vec<Place>,
    limits: Limits,
    clock: u64,
    /// Nothing can be removed from the end of a sequence: it is used as it is or not at all.
    whole_only: bool,
}

/// Bounds of a pool.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Sequences, running or idle.
    pub(crate) sequences: usize,
    /// Those that run at once at most.
    pub(crate) running_max: usize,
    /// Tokens that a sequence can hold.
    pub(crate) context_tokens: usize,
}

#[derive(Clone, Default)]
struct Place {
    running: bool,
    /// Of a sequence that runs: the length of its prompt, which `Prefixes` has from the start.
    prompt: usize,
    /// How many tokens of what `Prefixes` has are in memory: of a sequence that runs, those fed so far.
    held: usize,
    /// What is in memory after the prompt.
    written: Vec<LlamaToken>,
    used_at: u64,
    /// Counts who had this sequence.
    term: u64,
}

/// What a prompt gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// Nothing yet: a sequence that runs is about to hold what both begin with.
    Wait(Awaited),
    /// An idle sequence.
    Keep(Reuse),
    /// An idle sequence, after the whole memory of another, idle or running, was copied into it.
    Copy { from: usize, reuse: Reuse },
}

/// The sequence that a prompt gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reuse {
    pub(super) id: usize,
    /// How many of its first tokens are the prompt's.
    pub(super) tokens: usize,
    /// There are more behind them, to be removed.
    pub(super) cut: bool,
    /// A prefix that was kept is lost by this.
    pub(super) evicts: bool,
}

/// What a prompt waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Awaited {
    id: usize,
    term: u64,
    tokens: usize,
}

impl Pool {
    pub(super) fn new(limits: Limits, whole_only: bool) -> Self {
        Self {
            prefixes: Prefixes::default(),
            places: vec![Place::default(); limits.sequences],
            limits,
            clock: 0,
            whole_only,
        }
    }

    /// Whether one more sequence may run.
    pub(super) fn has_room(&self) -> bool {
        let running = self.places.iter().filter(|place| place.running).count();
        running < self.limits.running_max.min(self.places.len())
    }

    /// What a prompt of at least one token gets; `None` when there is no room.
    pub(super) fn choose(&self, salt: &str, prompt: &[LlamaToken]) -> Option<Choice> {
        let victim = self.victim()?;
        let nothing = self.reuse(victim, 0, victim);
        let (mut best, mut worth) = (Choice::Keep(nothing), 0);
        let mut awaited: Option<Awaited> = None;
        for found in self.prefixes.matches(salt, prompt) {
            let (id, place) = (found.id, &self.places[found.id]);
            // The last token is computed always: what follows is chosen by its logits.
            let shared = found.shared.min(prompt.len() - 1);
            let tokens = shared.min(place.held);
            if tokens < shared && awaited.is_none_or(|awaited| awaited.tokens < shared) {
                let (term, tokens) = (place.term, shared);
                awaited = Some(Awaited { id, term, tokens });
            }
            if let Some((choice, it)) = self.offer(id, tokens, victim)
                && it > worth
            {
                (best, worth) = (choice, it);
            }
        }
        // A state that cannot be cut is of use at its very end only, which nobody waits for.
        let awaited = awaited.filter(|_| !self.whole_only);
        let gain_min = self.copy_cost().max(REUSED_TOKENS_MIN);
        Some(match awaited {
            Some(awaited) if awaited.tokens >= worth + gain_min => Choice::Wait(awaited),
            _ => best,
        })
    }

    /// How the first tokens of a sequence could be used, and what that is worth: the tokens that need not be computed,
    /// less what it costs, which is the copy, or what a cut takes from a prefix that could have been kept.
    fn offer(&self, id: usize, tokens: usize, victim: usize) -> Option<(Choice, usize)> {
        let place = &self.places[id];
        let behind = place.total() - tokens;
        if tokens < REUSED_TOKENS_MIN || (self.whole_only && behind > 0) {
            return None;
        }
        // The victim would lose all of it anyway.
        let lost = if id == victim { 0 } else { behind };
        if !place.running && lost <= self.copy_cost() {
            return Some((
                Choice::Keep(self.reuse(id, tokens, id)),
                tokens.saturating_sub(lost),
            ));
        }
        let reuse = self.reuse(victim, tokens, id);
        let worth = tokens.saturating_sub(self.copy_cost());
        Some((Choice::Copy { from: id, reuse }, worth))
    }

    /// The sequence `id` with so many tokens of what `source` holds.
    fn reuse(&self, id: usize, tokens: usize, source: usize) -> Reuse {
        Reuse {
            id,
            tokens,
            cut: tokens == 0 || self.places[source].total() > tokens,
            evicts: !self.places[id].is_empty() && (tokens == 0 || source != id),
        }
    }

    /// What a copy costs, in tokens computed.
    fn copy_cost(&self) -> usize {
        self.limits.context_tokens / COPY_COST_DIVISOR
    }

    /// Whether there is nothing to wait for any more.
    pub(super) fn is_over(&self, awaited: &Awaited) -> bool {
        let place = &self.places[awaited.id];
        !place.running || place.term != awaited.term || place.held >= awaited.tokens
    }

    /// A choice was made and carried out: the sequence runs, and holds so many tokens of its prompt.
    pub(super) fn begin(&mut self, id: usize, salt: &str, prompt: &[LlamaToken], held: usize) {
        self.prefixes.remove(id);
        self.prefixes.insert(id, salt, prompt.to_vec());
        self.touch(id);
        let place = &mut self.places[id];
        place.running = true;
        place.prompt = prompt.len();
        place.held = held;
        place.written.clear();
        place.term += 1;
    }

    /// It was of use.
    pub(super) fn touch(&mut self, id: usize) {
        self.clock += 1;
        self.places[id].used_at = self.clock;
    }

    /// A sequence that runs was fed a token: the next of its prompt, else one that was chosen.
    pub(super) fn feed(&mut self, id: usize, token: LlamaToken) {
        let place = &mut self.places[id];
        if place.held < place.prompt {
            place.held += 1;
        } else {
            place.written.push(token);
        }
    }

    /// A sequence runs no more and keeps what it holds.
    pub(super) fn end(&mut self, id: usize) {
        let kept = self.prefixes.remove(id);
        let place = &mut self.places[id];
        place.running = false;
        let Some((salt, mut tokens)) = kept.filter(|_| place.total() >= REUSED_TOKENS_MIN) else {
            return self.empty(id);
        };
        tokens.truncate(place.held);
        tokens.append(&mut place.written);
        place.held = tokens.len();
        self.prefixes.insert(id, &salt, tokens);
        self.touch(id);
    }

    /// A sequence runs no more and holds nothing.
    pub(super) fn empty(&mut self, id: usize) {
        self.prefixes.remove(id);
        let term = self.places[id].term;
        self.places[id] = Place {
            term,
            ..Place::default()
        };
    }

    /// It turned out that nothing can be removed from the end of a sequence.
    pub(super) fn keep_whole(&mut self) {
        self.whole_only = true;
    }

    /// The idle sequence whose loss costs least: an empty one, else the one used longest ago.
    fn victim(&self) -> Option<usize> {
        let idle = (0..self.places.len()).filter(|id| !self.places[*id].running);
        let victim = idle.min_by_key(|id| (!self.places[*id].is_empty(), self.places[*id].used_at));
        victim.filter(|_| self.has_room())
    }
}

impl Place {
    /// Tokens in memory.
    fn total(&self) -> usize {
        self.held + self.written.len()
    }

    fn is_empty(&self) -> bool {
        !self.running && self.held == 0
    }
}

#[cfg(test)]
mod tests;
