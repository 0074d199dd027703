//! Conversations that cannot be known by heart: each tells facts and then asks for some of them.

use gyre_forge::train::Tokens;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

const ASK: u16 = 0;
const TELL: u16 = 1;
/// Tokens from here on are names and what they stand for.
const FIRST: u16 = 2;

/// How large conversations are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    /// Conversations.
    pub(crate) conversations: usize,
    /// Facts that each tells.
    pub(crate) told: usize,
    /// Facts that each asks for.
    pub(crate) asked: usize,
    /// Tokens of what a name stands for.
    pub(crate) length: usize,
    /// Tokens there are.
    pub(crate) vocabulary: u16,
}

/// Conversations of a seed: in each, names stand for something else.
pub(crate) fn facts(size: Facts, seed: u64) -> Tokens {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let (mut ids, mut targets, mut starts) = (Vec::new(), Vec::new(), vec![0]);
    for _ in 0..size.conversations {
        let mut some = |count: usize| -> Vec<u16> {
            let token = |_| random.random_range(FIRST..size.vocabulary);
            (0..count).map(token).collect()
        };
        let all: Vec<_> = (0..size.told).map(|_| (some(2), some(size.length))).collect();
        for (name, meaning) in &all {
            ids.push(TELL);
            ids.extend(name.iter().chain(meaning));
        }
        targets.resize(ids.len(), 0);
        for _ in 0..size.asked {
            let (name, meaning) = &all[random.random_range(0..all.len())];
            ids.push(ASK);
            ids.extend(name);
            targets.resize(ids.len(), 0);
            ids.extend(meaning);
            targets.resize(ids.len(), 1);
        }
        starts.push(ids.len());
    }
    Tokens::new(ids, targets, starts).expect("well-formed")
}
