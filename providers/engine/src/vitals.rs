//! Whether the owner threads get on, for the thread that answers the host.
//!
//! A thread is busy unless it sleeps on its bell. A busy one must show a beat now and then: each step, each turn of its
//! loop and each part of a model that is loaded is one. A step may be long on a slow machine, so each says by itself how
//! long that may be.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use gyre_engine_ipc::wire::Pulse;

use crate::bell::Bell;
use crate::counters::Counters;

/// The owner threads that run.
#[derive(Clone, Default)]
pub(crate) struct Vitals(Arc<Mutex<Vec<Weak<Vital>>>>);

/// One owner thread, for as long as the thread holds this.
pub(crate) struct Vital {
    model: String,
    counters: Arc<Counters>,
    bell: Arc<Bell>,
}

impl Vitals {
    /// Watches a thread from now on.
    pub(crate) fn watch(&self, model: &str, counters: &Arc<Counters>, bell: &Arc<Bell>) -> Arc<Vital> {
        let vital = Arc::new(Vital {
            model: model.to_owned(),
            counters: Arc::clone(counters),
            bell: Arc::clone(bell),
        });
        let mut threads = self.threads();
        threads.retain(|thread| thread.strong_count() > 0);
        threads.push(Arc::downgrade(&vital));
        vital
    }

    /// How each of them does.
    pub(crate) fn pulses(&self) -> Vec<Pulse> {
        let threads = self.threads();
        threads
            .iter()
            .filter_map(Weak::upgrade)
            .map(|it| it.pulse())
            .collect()
    }

    fn threads(&self) -> MutexGuard<'_, Vec<Weak<Vital>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Vital {
    fn pulse(&self) -> Pulse {
        Pulse {
            model: self.model.clone(),
            // Both only grow, so their sum stands still only if both do.
            beats: self.counters.beats().wrapping_add(self.bell.wakes()),
            busy: !self.bell.is_slept_on(),
            allowance_ms: self.counters.allowance_ms(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_thread_is_busy_but_while_it_sleeps_and_gone_when_it_ended() {
        let (vitals, counters, bell) = (Vitals::default(), Arc::default(), Arc::new(Bell::default()));
        let vital = vitals.watch("m", &counters, &bell);
        let first = vitals.pulses().remove(0);
        assert!(first.busy, "it loads");
        counters.step(1, 1);
        let second = vitals.pulses().remove(0);
        assert!(second.beats > first.beats);
        let sleeper = {
            let bell = Arc::clone(&bell);
            std::thread::spawn(move || bell.wait(Duration::from_secs(60)))
        };
        while vitals.pulses()[0].busy {
            std::thread::yield_now();
        }
        bell.ring();
        sleeper.join().expect("wakes");
        let third = vitals.pulses().remove(0);
        assert!(third.busy && third.beats > second.beats, "{third:?}");
        drop(vital);
        assert_eq!(vitals.pulses(), []);
    }
}
