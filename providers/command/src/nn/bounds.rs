//! What one module may hold of the engine's side: the ABI has no call that frees.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Times a module may load a model.
pub(super) const LOADS_MAX: usize = 1024;
/// Execution contexts of a module.
pub(super) const CONTEXTS_MAX: usize = 1024;
/// Bytes of all tensors that its contexts hold.
pub(super) const TENSOR_BYTES_MAX: usize = gyre_capability_nn::TENSOR_BYTES_MAX;

/// Counters of one module.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    pub(super) loads: Counter,
    pub(super) contexts: Counter,
    pub(super) tensor_bytes: Counter,
}

/// How much is taken.
#[derive(Debug, Default)]
pub(super) struct Counter(AtomicUsize);

impl Counter {
    /// Takes so much, if no more than `max` is taken then.
    pub(super) fn take(&self, amount: usize, max: usize) -> bool {
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |taken| {
                taken.checked_add(amount).filter(|sum| *sum <= max)
            })
            .is_ok()
    }

    /// Gives it back.
    pub(super) fn give(&self, amount: usize) {
        self.0.fetch_sub(amount, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_taken_than_there_is() {
        let counter = Counter::default();
        assert!(counter.take(60, 100) && counter.take(40, 100));
        assert!(!counter.take(1, 100) && !counter.take(usize::MAX, 100));
        counter.give(40);
        assert!(counter.take(40, 100));
    }
}
