//! A step of one completion alone, with tokens that a draft model wrote ahead. What is chosen is what would be chosen
//! without them, token by token: a draft is only ever agreed with.

use gyre_engine_ipc::EngineError;
use llama_cpp_2::token::LlamaToken;

use super::{Batcher, Outcome, Want};

/// Tokens written ahead at most.
const AHEAD_MAX: usize = 8;

impl Batcher<'_> {
    /// What is written ahead for the next step. Where several completions are live, a shared batch is better.
    pub(super) fn draft(&mut self, wants: &[Want]) -> Option<(usize, Vec<LlamaToken>)> {
        let drafter = self.drafter.as_mut()?;
        let mut live = self
            .slots
            .iter()
            .enumerate()
            .filter_map(|(slot, it)| Some((slot, it.as_ref()?)));
        let (slot, sequence) = live.next()?;
        if live.next().is_some() || wants[slot] != Want::Token {
            return None;
        }
        let count = sequence.ahead_max().min(AHEAD_MAX);
        if count == 0 {
            return None;
        }
        match drafter.propose(&sequence.text(), count) {
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
        let applied = self.adapters.apply(&mut self.context, self.adapter);
        let decoded = applied.map_err(|error| error.to_string()).and_then(|()| {
            let decoded = self.context.decode(&mut self.batch);
            decoded.map_err(|error| error.to_string())
        });
        if let Err(error) = decoded {
            return self.fail(&whole, &error);
        }
        let outcome = self.agree(slot, drafted);
        if let Err(error) = self.take_back(slot) {
            return self.fail(&whole, &error);
        }
        self.settle(slot, outcome);
    }

    /// Chooses token after token while each is the one that was drafted, and one more.
    fn agree(&mut self, slot: usize, drafted: &[LlamaToken]) -> Result<Outcome, EngineError> {
        for index in 0..=drafted.len() {
            let next = self.next(slot, i32::try_from(index).unwrap_or(i32::MAX));
            let Some((token, outcome)) = next else {
                return Ok(Outcome::GoesOn);
            };
            let goes_on = matches!(outcome, Ok(Outcome::GoesOn));
            if !goes_on || drafted.get(index) != Some(&token) {
                return outcome;
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
        let position = self.slots[slot]
            .as_ref()
            .map_or(0, |sequence| sequence.position());
        let (slot, from) = (u32::try_from(slot).ok(), u32::try_from(position).ok());
        match self.context.clear_kv_cache_seq(slot, from, None) {
            Ok(true) => Ok(()),
            Ok(false) => Err("tokens cannot be taken back".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}
