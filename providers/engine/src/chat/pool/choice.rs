//! Which sequence a prompt gets. Four rules, in this order:
//!
//! 1. Sequences that run stand together: llama.cpp computes a batch by groups of neighbouring numbers, and reads all
//!    weights once for each group. A copy costs less than one more group costs in a single step.
//! 2. A prompt begins with as much as can be had, less what having it costs.
//! 3. It waits for one that is being fed the same beginning, if that saves more than a copy.
//! 4. What was used longest ago goes, whatever its number is: what stands in the way is copied into its place.

use llama_cpp_2::token::LlamaToken;

use super::{Awaited, Choice, Pool, REUSED_TOKENS_MIN, Seat};

/// How a prompt could be served.
struct Offer {
    seat: usize,
    from: Option<usize>,
    tokens: usize,
    /// Tokens that need not be computed, less those that it costs.
    worth: usize,
}

impl Pool {
    /// What a prompt of at least one token gets; `None` when there is no room.
    pub(in super::super) fn choose(&self, salt: &str, prompt: &[LlamaToken]) -> Option<Choice> {
        let (seat, oldest) = (self.seat()?, self.victim([None; 2])?);
        let (from, tokens, worth) = (None, 0, 0);
        let mut best = Offer {
            seat,
            from,
            tokens,
            worth,
        };
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
            if let Some(offer) = self.offer(id, tokens, [seat, oldest])
                && offer.worth > best.worth
            {
                best = offer;
            }
        }
        // A state that cannot be cut is of use at its very end only, which nobody waits for.
        let awaited = awaited.filter(|_| !self.whole_only);
        let gain_min = self.copy_cost().max(REUSED_TOKENS_MIN);
        Some(match awaited {
            Some(awaited) if awaited.tokens >= best.worth + gain_min => Choice::Wait(awaited),
            _ => Choice::Run(self.settle(&best)),
        })
    }

    /// How the first tokens of a sequence could be used.
    fn offer(&self, id: usize, tokens: usize, [seat, oldest]: [usize; 2]) -> Option<Offer> {
        let place = &self.places[id];
        let behind = place.total() - tokens;
        if tokens < REUSED_TOKENS_MIN || (self.whole_only && behind > 0) {
            return None;
        }
        let stands_as_well = !place.running && self.neighbours(id) == self.neighbours(seat);
        let (seat, from, cost) = match stands_as_well {
            // It goes now, whatever is done with it.
            true if id == oldest => (id, None, 0),
            true => (id, None, behind.min(self.copy_cost())),
            false => (seat, Some(id), self.copy_cost()),
        };
        let worth = tokens.saturating_sub(cost);
        Some(Offer {
            seat,
            from,
            tokens,
            worth,
        })
    }

    /// The offer with all that is to be done: what its seat holds is kept if something used longer ago can go.
    fn settle(&self, offer: &Offer) -> Seat {
        let Offer {
            seat, from, tokens, ..
        } = *offer;
        let place = &self.places[seat];
        let stays = if from.is_none() { tokens } else { 0 };
        let victim = self.victim([Some(seat), from]);
        let park = victim.filter(|victim| {
            let oldest = &self.places[*victim];
            let is_older = oldest.is_empty() || oldest.used_at < place.used_at;
            !place.is_empty() && is_older && !self.spares(seat, stays)
        });
        let source = &self.places[from.unwrap_or(seat)];
        Seat {
            id: seat,
            park,
            from,
            tokens,
            cut: tokens == 0 || source.total() > tokens,
            evicts: match park {
                Some(park) => !self.places[park].is_empty(),
                None => !place.is_empty() && stays == 0,
            },
        }
    }

    /// The idle sequence that joins most of those that run; of several the one whose loss costs least.
    fn seat(&self) -> Option<usize> {
        let seat = self
            .idle()
            .min_by_key(|id| (2 - self.neighbours(*id), self.value(*id)));
        seat.filter(|_| self.has_room())
    }

    /// The idle sequence whose loss costs least, but for these.
    fn victim(&self, but: [Option<usize>; 2]) -> Option<usize> {
        let others = self.idle().filter(|id| !but.contains(&Some(*id)));
        others.min_by_key(|id| self.value(*id))
    }

    fn idle(&self) -> impl Iterator<Item = usize> {
        (0..self.places.len()).filter(|id| !self.places[*id].running)
    }

    /// Empty ones are worth nothing, others more the later they were used.
    fn value(&self, id: usize) -> (bool, u64) {
        (!self.places[id].is_empty(), self.places[id].used_at)
    }

    /// How many of the two beside it run.
    fn neighbours(&self, id: usize) -> usize {
        let runs = |id: Option<usize>| {
            let place = id.and_then(|id| self.places.get(id));
            usize::from(place.is_some_and(|place| place.running))
        };
        runs(id.checked_sub(1)) + runs(id.checked_add(1))
    }
}
