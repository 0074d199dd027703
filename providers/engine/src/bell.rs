//! What an owner thread sleeps on.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Wakes an owner thread: work came, a call was cancelled, or a reader caught up.
#[derive(Default)]
pub(crate) struct Bell {
    rung: Mutex<bool>,
    changed: Condvar,
    slept_on: AtomicBool,
    wakes: AtomicU64,
}

impl Bell {
    pub(crate) fn ring(&self) {
        *self.rung() = true;
        self.changed.notify_one();
    }

    /// Returns after a ring, at once if there was one since the last wait, or when the time is up.
    pub(crate) fn wait(&self, at_most: Duration) {
        let rung = self.rung();
        self.slept_on.store(true, Ordering::Release);
        let waited = self.changed.wait_timeout_while(rung, at_most, |rung| !*rung);
        *waited.unwrap_or_else(PoisonError::into_inner).0 = false;
        self.wakes.fetch_add(1, Ordering::Relaxed);
        self.slept_on.store(false, Ordering::Release);
    }

    /// As [`wait`](Self::wait), for who watches over what the owner does: the owner is at work meanwhile.
    pub(crate) fn watch(&self, at_most: Duration) {
        let waited = self
            .changed
            .wait_timeout_while(self.rung(), at_most, |rung| !*rung);
        *waited.unwrap_or_else(PoisonError::into_inner).0 = false;
    }

    /// Its owner has nothing to do now.
    pub(crate) fn is_slept_on(&self) -> bool {
        self.slept_on.load(Ordering::Acquire)
    }

    /// Times its owner woke.
    pub(crate) fn wakes(&self) -> u64 {
        self.wakes.load(Ordering::Relaxed)
    }

    fn rung(&self) -> MutexGuard<'_, bool> {
        self.rung.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_before_the_wait_is_not_lost() {
        let bell = Bell::default();
        bell.ring();
        bell.wait(Duration::from_secs(60));
        bell.ring();
        bell.watch(Duration::from_secs(60));
        assert_eq!(bell.wakes(), 1, "who watches is not its owner");
    }
}
