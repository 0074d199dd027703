//! What a model did, readable while it works.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use gyre_engine_ipc::{MemoryBytes, ModelStats};

/// Counters of one model; its owner thread writes them.
#[derive(Default)]
pub(crate) struct Counters {
    steps: AtomicU64,
    tokens: AtomicU64,
    sequences_in_batch_max: AtomicU32,
    sequences_live: AtomicU32,
    /// Bytes of the weights, once they are loaded.
    weights: AtomicU64,
    waiting: AtomicU32,
    prefix_hits: AtomicU64,
    prefix_tokens_reused: AtomicU64,
    prefix_evictions: AtomicU64,
}

impl Counters {
    /// Notes a batch before it is computed.
    pub(crate) fn step(&self, tokens: usize, sequences: usize) {
        self.steps.fetch_add(1, Ordering::Relaxed);
        self.tokens.fetch_add(tokens as u64, Ordering::Relaxed);
        self.sequences_in_batch_max
            .fetch_max(small(sequences), Ordering::Relaxed);
    }

    pub(crate) fn live(&self, sequences: usize) {
        self.sequences_live.store(small(sequences), Ordering::Release);
    }

    /// Nothing runs or is about to.
    pub(crate) fn is_idle(&self) -> bool {
        self.sequences_live.load(Ordering::Acquire) == 0 && self.waiting.load(Ordering::Relaxed) == 0
    }

    pub(crate) fn weights(&self, bytes: u64) {
        self.weights.store(bytes, Ordering::Relaxed);
    }

    /// The memory told from the header, with the weights as they were loaded.
    pub(crate) fn memory(&self, told: MemoryBytes) -> MemoryBytes {
        match self.weights.load(Ordering::Relaxed) {
            0 => told,
            weights => MemoryBytes { weights, ..told },
        }
    }

    /// Notes how many calls left the queue and are not admitted yet.
    pub(crate) fn waiting(&self, calls: usize) {
        self.waiting.store(small(calls), Ordering::Relaxed);
    }

    /// Notes an admission: tokens of its prompt that were there already, and whether others had to go for it.
    pub(crate) fn prefix(&self, reused: usize, evicted: bool) {
        self.prefix_hits.fetch_add((reused > 0).into(), Ordering::Relaxed);
        self.prefix_tokens_reused
            .fetch_add(reused as u64, Ordering::Relaxed);
        self.prefix_evictions.fetch_add(evicted.into(), Ordering::Relaxed);
    }

    pub(crate) fn read(&self, model: &str, queued: usize, memory: MemoryBytes) -> ModelStats {
        ModelStats {
            model: model.to_owned(),
            steps: self.steps.load(Ordering::Relaxed),
            tokens: self.tokens.load(Ordering::Relaxed),
            sequences_in_batch_max: self.sequences_in_batch_max.load(Ordering::Relaxed),
            sequences_live: self.sequences_live.load(Ordering::Relaxed),
            memory,
            queued: small(queued).saturating_add(self.waiting.load(Ordering::Relaxed)),
            prefix_hits: self.prefix_hits.load(Ordering::Relaxed),
            prefix_tokens_reused: self.prefix_tokens_reused.load(Ordering::Relaxed),
            prefix_evictions: self.prefix_evictions.load(Ordering::Relaxed),
        }
    }
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
