//! A step of one completion alone, with tokens that a draft model wrote ahead. What is chosen is what would be chosen
//! without them, token by token: a draft is only ever agreed with.

use gyre_engine_ipc::EngineError;
use llama_cpp_2::token::LlamaToken;

use super::owner::Batcher;
use super::plan::Want;
use super::sequence::Outcome;

/// Tokens written ahead at most.
const AHEAD_MAX: usize = 8;

impl Batcher<'_> {
    /// What is written ahead for the next step. Where several completions are live, a shared batch is better.
    pub(super) fn draft(&mut self) -> Option<(usize, Vec<LlamaToken>)> {
        let drafter = self.drafter.as_mut().filter(|_| self.parked.is_empty())?;
        let slots = self.slots.iter().enumerate();
        let mut live = slots.filter_map(|(slot, it)| Some((slot, it.as_ref()?)));
        let (slot, sequence) = live.next()?;
        if live.next().is_some() || sequence.want() != Want::Token {
            return None;
        }
        let count = sequence.ahead_max().min(AHEAD_MAX);
        if count == 0 {
            return None;
        }
        match drafter.propose(&sequence.tokens, count) {
            Ok(drafted) if drafted.is_empty() => None,
            Ok(drafted) => Some((slot, drafted)),
            Err(error) => {
                tracing::error!(model = self.setup.entry.info.name, %error, "nothing is written ahead any more");
                self.drafter = None;
                None
            }
        }
    }

    /// Decodes the token chosen last with those drafted after it, and goes on as far as they agree.
    pub(super) fn step_drafted(&mut self, slot: usize, drafted: &[LlamaToken]) {
        let Some(sequence) = &mut self.slots[slot] else {
            return;
        };
        let before = sequence.fed;
        self.adapter = sequence.adapter;
        self.batch.clear();
        let whole = [(slot, drafted.len() + 1)];
        let tokens = sequence.feed_with(drafted);
        if let Some((certain, _)) = tokens.first() {
            self.memory.feed(slot, *certain);
        }
        for (token, position) in tokens {
            if let Err(error) = self.batch.add(token, position, &[slot as i32], true) {
                return self.fail(&whole, &error.to_string());
            }
        }
        self.setup.counters.step(self.batch.n_tokens() as usize, 1);
        if let Err(error) = self.compute() {
            return self.fail(&whole, &error);
        }
        let outcome = self.agree(slot, drafted);
        if let Err(error) = self.take_back(slot) {
            return self.fail(&whole, &error);
        }
        self.charge(slot, before);
        self.settle(slot, outcome);
    }

    /// Chooses token after token while each is the one that was drafted, and one more.
    fn agree(&mut self, slot: usize, drafted: &[LlamaToken]) -> Result<Outcome, EngineError> {
        for index in 0..=drafted.len() {
            let next = self.next_token(slot, i32::try_from(index).unwrap_or(i32::MAX));
            let Some((token, outcome)) = next.transpose()? else {
                return Ok(Outcome::GoesOn);
            };
            if !matches!(outcome, Outcome::GoesOn) || drafted.get(index) != Some(&token) {
                return Ok(outcome);
            }
            if let Some(sequence) = &mut self.slots[slot] {
                sequence.confirm();
                self.memory.feed(slot, token);
            }
        }
        Ok(Outcome::GoesOn)
    }

    /// Takes drafted tokens that are not certain out of the KV memory.
    fn take_back(&mut self, slot: usize) -> Result<(), String> {
        let position = self.slots[slot].as_ref().map_or(0, |sequence| sequence.fed);
        let (slot, from) = (u32::try_from(slot).ok(), u32::try_from(position).ok());
        match self.context.clear_kv_cache_seq(slot, from, None) {
            Ok(true) => Ok(()),
            Ok(false) => Err("tokens cannot be taken back".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Charges what was kept: a text costs its tenant the same with a draft as without.
    fn charge(&mut self, slot: usize, before: usize) {
        let Some(sequence) = &self.slots[slot] else {
            return;
        };
        let kept = sequence.fed.saturating_sub(before);
        self.setup.counters.kinds(0, kept);
        self.turns.fair.charge(&sequence.place.tenant, kept as u64);
    }
}
