//! What a model did, readable while it works.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use gyre_engine_ipc::{MemoryBytes, ModelStats};

use crate::allowance;

/// Counters of one model; its owner thread writes them.
#[derive(Default)]
pub(crate) struct Counters {
    steps: AtomicU64,
    tokens: AtomicU64,
    sequences_in_batch_max: AtomicU32,
    sequences_live: AtomicU32,
    parameters: AtomicU64,
    beats: AtomicU64,
    allowance_ms: AtomicU64,
    /// Bytes of the weights, once they are loaded.
    weights: AtomicU64,
    sequences_parked: AtomicU32,
    preemptions: AtomicU64,
    prompt_tokens: AtomicU64,
    completion_tokens: AtomicU64,
    prefix_hits: AtomicU64,
    prefix_tokens_reused: AtomicU64,
    prefix_evictions: AtomicU64,
}

impl Counters {
    /// Notes that a model of a file of this size is being loaded.
    pub(crate) fn loading(&self, bytes: u64) {
        self.allow(allowance::of_loading(bytes));
    }

    /// Notes that a part of the model is loaded.
    pub(crate) fn beat(&self) {
        self.beats.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes how large the model is.
    pub(crate) fn loaded(&self, parameters: u64) {
        self.parameters.store(parameters, Ordering::Relaxed);
        self.beat();
    }

    /// Notes a batch before it is computed.
    pub(crate) fn step(&self, tokens: usize, sequences: usize) {
        self.allow(allowance::of_step(
            self.parameters.load(Ordering::Relaxed),
            tokens,
        ));
        self.steps.fetch_add(1, Ordering::Relaxed);
        self.tokens.fetch_add(tokens as u64, Ordering::Relaxed);
        self.sequences_in_batch_max
            .fetch_max(small(sequences), Ordering::Relaxed);
    }

    /// Notes a turn of the owner's loop.
    pub(crate) fn live(&self, sequences: usize) {
        self.beat();
        self.sequences_live.store(small(sequences), Ordering::Release);
    }

    /// Nothing runs or is about to.
    pub(crate) fn is_idle(&self) -> bool {
        self.sequences_live.load(Ordering::Acquire) == 0 && self.sequences_parked.load(Ordering::Relaxed) == 0
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

    /// Grows while the owner gets on.
    pub(crate) fn beats(&self) -> u64 {
        self.beats.load(Ordering::Relaxed)
    }

    /// How long what it does now may take.
    pub(crate) fn allowance_ms(&self) -> u64 {
        self.allowance_ms.load(Ordering::Relaxed)
    }

    /// Notes how long what begins now may take.
    pub(crate) fn allow(&self, time: Duration) {
        let ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.allowance_ms.store(ms, Ordering::Relaxed);
        self.beat();
    }

    /// Notes how many sequences hold memory and how many made room for others.
    pub(crate) fn sequences(&self, live: usize, parked: usize) {
        self.sequences_parked.store(small(parked), Ordering::Relaxed);
        self.live(live);
    }

    pub(crate) fn preempted(&self) {
        self.preemptions.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes of which kinds the tokens of a batch are.
    pub(crate) fn kinds(&self, prompt: usize, completion: usize) {
        self.prompt_tokens.fetch_add(prompt as u64, Ordering::Relaxed);
        self.completion_tokens
            .fetch_add(completion as u64, Ordering::Relaxed);
    }

    /// Notes an admission: tokens of its prompt that were there already, and whether others had to go for it.
    pub(crate) fn prefix(&self, reused: usize, evicted: bool) {
        self.prefix_hits.fetch_add((reused > 0).into(), Ordering::Relaxed);
        self.prefix_tokens_reused
            .fetch_add(reused as u64, Ordering::Relaxed);
        self.prefix_evictions.fetch_add(evicted.into(), Ordering::Relaxed);
    }

    /// `queued` are those of low, normal and high priority.
    pub(crate) fn read(&self, model: &str, queued: [usize; 3], memory: MemoryBytes) -> ModelStats {
        let parked = self.sequences_parked.load(Ordering::Relaxed);
        ModelStats {
            model: model.to_owned(),
            steps: self.steps.load(Ordering::Relaxed),
            tokens: self.tokens.load(Ordering::Relaxed),
            sequences_in_batch_max: self.sequences_in_batch_max.load(Ordering::Relaxed),
            sequences_live: self.sequences_live.load(Ordering::Relaxed),
            memory,
            queued: small(queued.iter().sum()).saturating_add(parked),
            queued_by_priority: queued.map(small),
            preemptions: self.preemptions.load(Ordering::Relaxed),
            prompt_tokens: self.prompt_tokens.load(Ordering::Relaxed),
            completion_tokens: self.completion_tokens.load(Ordering::Relaxed),
            prefix_hits: self.prefix_hits.load(Ordering::Relaxed),
            prefix_tokens_reused: self.prefix_tokens_reused.load(Ordering::Relaxed),
            prefix_evictions: self.prefix_evictions.load(Ordering::Relaxed),
        }
    }
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
