//! One step: plan, decode, choose, send.

use gyre_engine_ipc::EngineError;
use llama_cpp_2::token::LlamaToken;

use super::adapters::Member;
use super::owner::Batcher;
use super::place::Place;
use super::plan::{self, Want, Wanting};
use super::sampler::Choice;
use super::sequence::{Outcome, Sequence};

impl Batcher<'_> {
    /// Decodes one batch and sends what came of it, if anybody wants something. `alone`: nobody waits in the queue.
    pub(super) fn step(&mut self, alone: bool) -> bool {
        if alone && let Some((slot, drafted)) = self.draft() {
            self.looks += 1;
            self.step_drafted(slot, &drafted);
            return true;
        }
        let mut wanting = Vec::new();
        for (slot, sequence) in self.slots.iter().enumerate() {
            if let Some(sequence) = sequence {
                wanting.push(Wanting {
                    slot,
                    want: sequence.want(),
                    place: urgency(&self.parked, slot, &sequence.place),
                    arrived: sequence.arrived,
                });
            }
        }
        // A batch is computed with one adapter. Within it all is as among those without.
        let group = |slot: usize| self.slots[slot].as_ref().and_then(|it| it.adapter);
        let active = wanting.iter().filter(|it| it.want != Want::Nothing);
        let active = active.map(|it| Member {
            adapter: group(it.slot),
            place: it.place,
        });
        if let Some(adapter) = self.groups.pick(&active.collect::<Vec<_>>()) {
            self.adapter = adapter;
        }
        wanting.retain(|it| group(it.slot) == self.adapter);
        let decoding = wanting.iter().filter(|it| it.want == Want::Token).count();
        let mut chunks = plan::batch(&wanting, self.bounds, &mut self.turns);
        if chunks.is_empty() {
            return false;
        }
        // llama.cpp computes sequences of neighbouring numbers together, if they are in their order.
        chunks.sort_unstable();
        self.looks += 1;
        self.decode(&chunks, decoding);
        true
    }

    fn decode(&mut self, chunks: &[(usize, usize)], decoding: usize) {
        let mut outputs = Vec::new();
        self.batch.clear();
        for (slot, count) in chunks {
            let Some(sequence) = &mut self.slots[*slot] else {
                continue;
            };
            for (token, position, wanted) in sequence.feed(*count) {
                let index = self.batch.n_tokens();
                if let Err(error) = self.batch.add(token, position, &[*slot as i32], wanted) {
                    return self.fail(chunks, &error.to_string());
                }
                self.memory.feed(*slot, token);
                if wanted {
                    outputs.push((*slot, index));
                }
            }
        }
        let tokens = self.batch.n_tokens() as usize;
        self.setup.counters.step(tokens, chunks.len());
        self.setup
            .counters
            .kinds(tokens.saturating_sub(decoding), decoding);
        if let Err(error) = self.compute() {
            return self.fail(chunks, &error);
        }
        for (slot, index) in outputs {
            self.choose_token(slot, index);
        }
    }

    /// Decodes the batch with the adapter whose turn it is.
    pub(super) fn compute(&mut self) -> Result<(), String> {
        let applied = self.adapters.apply(&mut self.context, self.adapter);
        applied.map_err(|error| error.to_string())?;
        let decoded = self.context.decode(&mut self.batch);
        decoded.map_err(|error| error.to_string())
    }

    /// Chooses the next token of a slot and ends its completion if it is the last.
    fn choose_token(&mut self, slot: usize, index: i32) {
        if let Some(next) = self.next_token(slot, index) {
            self.settle(slot, next.map(|(_, outcome)| outcome));
        }
    }

    /// Chooses the next token of a slot, if there is somebody in it.
    pub(super) fn next_token(
        &mut self,
        slot: usize,
        index: i32,
    ) -> Option<Result<(LlamaToken, Outcome), EngineError>> {
        let sequence = self.slots[slot].as_mut()?;
        let vocabulary = self.model.vocab();
        let choice = sequence.sampler.choose(&self.context, &vocabulary, index);
        Some(choice.map(|Choice { token, logprobs }| {
            let shown = sequence.output.wants_markers() && self.markers.contains(&token);
            let piece = (!vocabulary.is_eog(token)).then(|| vocabulary.token_to_piece(token, shown, None));
            (token, sequence.accept(token, piece.as_deref(), logprobs))
        }))
    }

    /// Ends a completion whose last token was chosen, or that failed.
    pub(super) fn settle(&mut self, slot: usize, outcome: Result<Outcome, EngineError>) {
        match outcome {
            Ok(Outcome::GoesOn) => {}
            Ok(Outcome::Ends(reason)) => {
                if let Some(sequence) = self.free(slot) {
                    self.count();
                    sequence.end(reason, &self.setup.entry.info.name);
                }
            }
            Err(error) => {
                if let Some(sequence) = self.free(slot) {
                    self.count();
                    sequence.fail(error);
                }
            }
        }
    }

    /// Ends the completions of a batch that failed: their KV memory is not to be trusted.
    pub(super) fn fail(&mut self, chunks: &[(usize, usize)], error: &str) {
        tracing::error!(model = self.setup.entry.info.name, error, "a batch failed");
        for (slot, _) in chunks {
            if let Some(sequence) = self.slots[*slot].take() {
                self.memory.discard(&mut self.context, *slot);
                sequence.fail(EngineError::internal("a batch could not be decoded"));
            }
        }
    }
}

/// Where a sequence stands: as high as the most urgent that waits for it to be fed. All of them are one tenant's.
fn urgency<'a>(parked: &'a [Sequence], slot: usize, own: &'a Place) -> &'a Place {
    let waits = |it: &&Sequence| it.awaited.is_some_and(|awaited| awaited.is_of(slot));
    let waiting = parked.iter().filter(waits).map(|it| &it.place);
    waiting
        .chain([own])
        .max_by_key(|place| place.priority)
        .unwrap_or(own)
}
