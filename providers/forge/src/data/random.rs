//! Chance that is the same everywhere: ChaCha with eight rounds, keyed by recipe, split and index.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use sha2::{Digest, Sha256};

/// Choices of one example.
#[derive(Debug)]
pub struct Draw(ChaCha8Rng);

impl Draw {
    /// The choices that belong to this seed, name and index.
    #[must_use]
    pub fn new(seed: u64, name: &str, index: u64) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"gyre-forge data 1\n");
        hash.update(seed.to_le_bytes());
        hash.update(index.to_le_bytes());
        hash.update(name.as_bytes());
        Self(ChaCha8Rng::from_seed(hash.finalize().into()))
    }

    /// A number below `end`; 0 where there is none.
    pub fn below(&mut self, end: usize) -> usize {
        // The high half of a product is as even as matters here, and the same on every machine.
        let high = (u128::from(self.0.next_u64()) * end as u128) >> 64;
        usize::try_from(high).unwrap_or_default()
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = usize::try_from(high.saturating_sub(low)).unwrap_or_default();
        low + i64::try_from(self.below(width + 1)).unwrap_or_default()
    }

    /// A count from `low` to `high`, both included.
    pub fn count(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// True so many times of a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of them. Pools are checked when they are read: none is empty.
    ///
    /// # Panics
    ///
    /// Where there is nothing to choose from.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// One of these texts.
    ///
    /// # Panics
    ///
    /// Where there is nothing to choose from.
    pub fn text<'a>(&mut self, from: &'a [String]) -> &'a str {
        self.pick(from).as_str()
    }

    /// Takes one of them out; none where there is none.
    pub fn take<T>(&mut self, from: &mut Vec<T>) -> Option<T> {
        (!from.is_empty()).then(|| from.swap_remove(self.below(from.len())))
    }

    /// So many of them, or all, in any order.
    pub fn some<'a, T>(&mut self, from: &'a [T], count: usize) -> Vec<&'a T> {
        let mut left: Vec<&T> = from.iter().collect();
        self.shuffle(&mut left);
        left.truncate(count);
        left
    }

    /// Puts them in any order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }

    /// The index of a weight, chosen by weight; 0 where all are 0.
    pub fn weighted(&mut self, weights: &[u32]) -> usize {
        let total: u64 = weights.iter().copied().map(u64::from).sum();
        let mut left = self.below(usize::try_from(total).unwrap_or(usize::MAX)) as u64;
        for (at, weight) in weights.iter().copied().enumerate() {
            match left.checked_sub(u64::from(weight)) {
                Some(rest) => left = rest,
                None => return at,
            }
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_stream_never_changes() {
        let mut draw = Draw::new(7, "train/tool", 3);
        let first: Vec<usize> = (0..6).map(|_| draw.below(1000)).collect();
        let mut again = Draw::new(7, "train/tool", 3);
        assert_eq!(first, (0..6).map(|_| again.below(1000)).collect::<Vec<_>>());
        let mut other = Draw::new(7, "train/tool", 4);
        assert_ne!(first, (0..6).map(|_| other.below(1000)).collect::<Vec<_>>());
    }

    proptest! {
        #[test]
        fn choices_are_within_their_bounds(seed: u64, low in -50_i64..50, width in 0_i64..50, weights in prop::collection::vec(0_u32..5, 1..6)) {
            let mut draw = Draw::new(seed, "", 0);
            let between = draw.between(low, low + width);
            prop_assert!((low..=low + width).contains(&between));
            let at = draw.weighted(&weights);
            prop_assert!(weights[at] > 0 || weights.iter().all(|weight| *weight == 0));
            let mut items: Vec<usize> = (0..9).collect();
            draw.shuffle(&mut items);
            items.sort_unstable();
            prop_assert_eq!(items, (0..9).collect::<Vec<_>>());
        }
    }
}
