//! What each sequence of a context holds, and which one a prompt gets. Pure: who asks does to the KV memory as told.

mod choice;
#[cfg(test)]
mod tests;

use llama_cpp_2::token::LlamaToken;

use super::prefix::Prefixes;

/// A shorter prefix is not worth keeping or looking for.
const REUSED_TOKENS_MIN: usize = 16;
/// A copy moves a sequence's whole memory, used or not. It takes about as long as computing this share of the tokens
/// that fit into it, and less with models of a useful size (`docs/engine.md` has the figures).
const COPY_COST_DIVISOR: usize = 256;
/// Copies noted before one batch cost so much at most, and one admission more: those that run wait for them.
const COPIED_TOKENS_MAX: usize = 512;

/// The sequences of one context. Those that are idle keep what they hold, as prefixes for prompts to come.
pub(super) struct Pool {
    prefixes: Prefixes,
    places: Vec<Place>,
    limits: Limits,
    clock: u64,
    /// What the copies cost that were noted since the last batch.
    copied_tokens: usize,
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
    Run(Seat),
}

/// The idle sequence that a prompt is to run in, and what is to be done to its memory, in this order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seat {
    pub(super) id: usize,
    /// It is copied whole into this one, so that what it holds is kept.
    pub(super) park: Option<usize>,
    /// This one is copied whole into it.
    pub(super) from: Option<usize>,
    /// How many of its first tokens are then the prompt's.
    pub(super) tokens: usize,
    /// There are more behind them, to be removed.
    pub(super) cut: bool,
    /// A prefix that was kept is lost by all this.
    pub(super) evicts: bool,
}

/// What a prompt waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Awaited {
    id: usize,
    term: u64,
    tokens: usize,
}

impl Awaited {
    /// Whether it is about this sequence.
    pub(super) fn is_of(&self, id: usize) -> bool {
        self.id == id
    }
}

impl Pool {
    pub(super) fn new(limits: Limits, whole_only: bool) -> Self {
        Self {
            prefixes: Prefixes::default(),
            places: vec![Place::default(); limits.sequences],
            limits,
            clock: 0,
            copied_tokens: 0,
            whole_only,
        }
    }

    /// Whether one more sequence may run, before the next batch.
    pub(super) fn has_room(&self) -> bool {
        !self.is_copying() && self.running() < self.limits.running_max.min(self.places.len())
    }

    /// Whether copies that were noted cost so much that the next batch comes first. Where nothing runs, nobody waits for
    /// them.
    pub(super) fn is_copying(&self) -> bool {
        self.running() > 0 && self.copied_tokens >= COPIED_TOKENS_MAX
    }

    fn running(&self) -> usize {
        self.places.iter().filter(|place| place.running).count()
    }

    /// Whether there is nothing to wait for any more.
    pub(super) fn is_over(&self, awaited: &Awaited) -> bool {
        let place = &self.places[awaited.id];
        !place.running || place.term != awaited.term || place.held >= awaited.tokens
    }

    /// A seat was chosen, and its memory is about to be made ready: until it is, nobody is to find it.
    pub(super) fn prepare(&mut self, seat: &Seat) {
        let copies = usize::from(seat.park.is_some()) + usize::from(seat.from.is_some());
        self.copied_tokens += copies * self.copy_cost();
        if let Some(park) = seat.park {
            self.empty(park);
            let term = self.places[park].term;
            self.places[park] = self.places[seat.id].clone();
            self.places[park].term = term;
            if let Some((salt, tokens)) = self.prefixes.remove(seat.id) {
                self.prefixes.insert(park, &salt, tokens);
            }
        }
        self.empty(seat.id);
        match seat.from {
            // Nothing is lost by it that is worth a copy: its tokens are those of the prompt.
            Some(from) if self.spares(from, seat.tokens) => self.empty(from),
            Some(from) => self.touch(from),
            None => {}
        }
    }

    /// The seat is ready: its sequence runs, and holds so many tokens of its prompt.
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

    fn touch(&mut self, id: usize) {
        self.clock += 1;
        self.places[id].used_at = self.clock;
    }

    /// A sequence that runs is fed a token in the next batch: the next of its prompt, else one that was chosen.
    pub(super) fn feed(&mut self, id: usize, token: LlamaToken) {
        self.copied_tokens = 0;
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

    /// An idle sequence has so little behind its first tokens that it is not worth a copy.
    fn spares(&self, id: usize, tokens: usize) -> bool {
        let place = &self.places[id];
        !place.running && place.total() - tokens <= self.copy_cost()
    }

    /// What a copy costs, in tokens computed.
    fn copy_cost(&self) -> usize {
        self.limits.context_tokens / COPY_COST_DIVISOR
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
