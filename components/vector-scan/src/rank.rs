//! The k best of many, in one pass.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// An entry and how good it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// Higher is better.
    pub score: f32,
    /// Row of the entry.
    pub key: i64,
}

impl Eq for Scored {}

impl Ord for Scored {
    fn cmp(&self, other: &Self) -> Ordering {
        // Of equal scores the older entry is better, so that answers are stable.
        self.score.total_cmp(&other.score).then(other.key.cmp(&self.key))
    }
}

impl PartialOrd for Scored {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Keeps the best `limit` of what is pushed.
#[derive(Debug)]
pub struct Best {
    limit: usize,
    heap: BinaryHeap<Reverse<Scored>>,
}

impl Best {
    /// Keeps nothing yet.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            heap: BinaryHeap::with_capacity(limit + 1),
        }
    }

    /// Considers one more.
    pub fn push(&mut self, scored: Scored) {
        if self.heap.len() == self.limit && self.heap.peek().is_some_and(|worst| scored <= worst.0) {
            return;
        }
        self.heap.push(Reverse(scored));
        if self.heap.len() > self.limit {
            self.heap.pop();
        }
    }

    /// Best first.
    #[must_use]
    pub fn into_sorted(self) -> Vec<Scored> {
        self.heap.into_sorted_vec().into_iter().map(|r| r.0).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_best_are_those_of_a_full_sort(scores in prop::collection::vec(-10_i8..10, 0..60), limit in 1_usize..20) {
            let all: Vec<Scored> = scores.iter().enumerate()
                .map(|(i, s)| Scored { score: f32::from(*s), key: i64::try_from(i).expect("small") }).collect();
            let mut best = Best::new(limit);
            all.iter().for_each(|s| best.push(*s));
            let mut sorted = all;
            sorted.sort_by(|a, b| b.cmp(a));
            sorted.truncate(limit);
            prop_assert_eq!(best.into_sorted(), sorted);
        }
    }
}
