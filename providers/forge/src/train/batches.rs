//! Batches: whole conversations in an order that a seed makes, epoch after epoch.

use super::{Tokens, TrainError};
use crate::model::Packed;
use rand::SeedableRng as _;
use rand::seq::SliceRandom as _;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// Where in the data a run is. The order of an epoch follows from the seed and the epoch alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Times all conversations were read.
    pub epoch: u64,
    /// Conversations of this epoch that were read.
    pub conversations: usize,
}

/// An endless sequence of batches.
#[derive(Debug)]
pub struct Batches<'a> {
    tokens: &'a Tokens,
    /// The conversations that can be learnt from.
    usable: Vec<usize>,
    /// The same in this epoch's order.
    order: Vec<usize>,
    place: Place,
    seed: u64,
    batch_tokens: usize,
    /// Conversations longer than the context; they are left out.
    pub too_long: usize,
    /// Conversations without a target; they are left out.
    pub without_targets: usize,
}

impl<'a> Batches<'a> {
    /// Batches of up to so many tokens (or of one conversation), from the first.
    pub fn new(
        tokens: &'a Tokens,
        context: usize,
        batch_tokens: usize,
        seed: u64,
    ) -> Result<Self, TrainError> {
        let (mut usable, mut too_long, mut without_targets) = (Vec::new(), 0, 0);
        for index in 0..tokens.conversations() {
            let (ids, targets) = tokens.conversation(index);
            if ids.len() > context {
                too_long += 1;
            } else if targets.iter().all(|&target| target == 0) {
                without_targets += 1;
            } else {
                usable.push(index);
            }
        }
        if usable.is_empty() {
            return Err(TrainError::NothingToLearn {
                too_long,
                context,
                without_targets,
            });
        }
        let order = shuffled(&usable, seed, 0);
        Ok(Self {
            tokens,
            usable,
            order,
            place: Place::default(),
            seed,
            batch_tokens,
            too_long,
            without_targets,
        })
    }

    /// Where the next batch begins.
    pub fn place(&self) -> Place {
        self.place
    }

    /// Goes on from there.
    pub fn go_to(&mut self, place: Place) {
        self.order = shuffled(&self.usable, self.seed, place.epoch);
        self.place = place;
    }

    /// The conversations of the next batch.
    pub fn take(&mut self) -> Vec<usize> {
        let (mut batch, mut tokens) = (Vec::new(), 0);
        loop {
            let Some(&next) = self.order.get(self.place.conversations) else {
                self.go_to(Place {
                    epoch: self.place.epoch + 1,
                    conversations: 0,
                });
                continue;
            };
            tokens += self.tokens.length(next);
            if tokens > self.batch_tokens && !batch.is_empty() {
                return batch;
            }
            batch.push(next);
            self.place.conversations += 1;
        }
    }

    /// Steps after which all conversations were read so many times, from the first on.
    pub fn steps_of(mut self, epochs: u64) -> u64 {
        self.go_to(Place::default());
        let mut steps = 0;
        // A batch ends only before a conversation that is too much, so an epoch that was read is over.
        while self.place.epoch < epochs {
            self.take();
            steps += 1;
        }
        steps
    }
}

fn shuffled(usable: &[usize], seed: u64, epoch: u64) -> Vec<usize> {
    let mut order = usable.to_vec();
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(epoch + 1);
    order.shuffle(&mut random);
    order
}

/// Cuts conversations into passes of up to so many tokens (or of one conversation).
pub(crate) fn passes(tokens: &Tokens, batch: &[usize], pass_tokens: usize) -> Vec<Packed> {
    let mut passes = Vec::new();
    let mut pass = Packed::new();
    for &index in batch {
        let (ids, targets) = tokens.conversation(index);
        if pass.ids().len() + ids.len() > pass_tokens && !pass.ids().is_empty() {
            passes.push(std::mem::replace(&mut pass, Packed::new()));
        }
        pass.push(ids, targets);
    }
    if !pass.ids().is_empty() {
        passes.push(pass);
    }
    passes
}

#[cfg(test)]
mod tests {
    use super::{Batches, Place, Tokens, passes};
    use proptest::prelude::*;

    /// Conversations of these lengths, whose last token is a target; all tokens are the conversation's index.
    fn tokens(lengths: &[usize]) -> Tokens {
        let (mut ids, mut targets, mut starts) = (Vec::new(), Vec::new(), vec![0]);
        for (index, &length) in lengths.iter().enumerate() {
            ids.extend(vec![index as u16; length]);
            targets.extend((1..=length).map(|at| u8::from(at == length && length > 1)));
            starts.push(ids.len());
        }
        Tokens::new(ids, targets, starts).expect("tokens")
    }

    proptest! {
        #[test]
        fn an_epoch_reads_each_conversation_once_and_no_batch_is_too_large(
            lengths in prop::collection::vec(1_usize..40, 1..60),
            seed in any::<u64>(),
        ) {
            let tokens = tokens(&lengths);
            let Ok(mut batches) = Batches::new(&tokens, 30, 50, seed) else {
                prop_assert!(lengths.iter().all(|&length| length > 30 || length == 1));
                return Ok(());
            };
            let usable = lengths.iter().filter(|&&length| length > 1 && length <= 30).count();
            prop_assert_eq!(batches.too_long + batches.without_targets + usable, lengths.len());
            let mut read = Vec::new();
            while read.len() < 3 * usable {
                let place = batches.place();
                let batch = batches.take();
                prop_assert!(batch.iter().map(|&index| lengths[index]).sum::<usize>() <= 50);
                let mut other = Batches::new(&tokens, 30, 50, seed).expect("usable");
                other.go_to(place);
                prop_assert_eq!(&other.take(), &batch);
                for pass in passes(&tokens, &batch, 20) {
                    prop_assert!(pass.ids().len() <= 20 || pass.starts().len() == 2);
                }
                read.extend(batch);
            }
            for epoch in read.chunks_exact(usable) {
                let mut sorted = epoch.to_vec();
                sorted.sort_unstable();
                sorted.dedup();
                prop_assert_eq!(sorted.len(), usable);
            }
        }

        #[test]
        fn so_many_steps_read_so_many_epochs(
            lengths in prop::collection::vec(2_usize..30, 1..40),
            epochs in 1_u64..4,
        ) {
            let tokens = tokens(&lengths);
            let all = || Batches::new(&tokens, 30, 50, 7).expect("usable");
            let steps = all().steps_of(epochs);
            let mut batches = all();
            let read: usize = (0..steps).map(|_| batches.take().len()).sum();
            prop_assert!(read >= lengths.len() * epochs as usize);
            let mut fewer = all();
            let read: usize = (1..steps).map(|_| fewer.take().len()).sum();
            prop_assert!(read < lengths.len() * epochs as usize);
        }
    }

    #[test]
    fn epochs_have_orders_of_their_own() {
        let tokens = tokens(&[2; 50]);
        let mut batches = Batches::new(&tokens, 30, 100, 1).expect("usable");
        let first = batches.take();
        assert_eq!(
            batches.place(),
            Place {
                epoch: 1,
                conversations: 0
            }
        );
        assert_ne!(first, batches.take());
    }
}
