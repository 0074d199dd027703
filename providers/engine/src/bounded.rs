//! Work that is bounded in memory and time although its code is not: a thread with a purse.

use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use crate::purse::{Counting, Fate, Purse};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How often a thread is looked at that says nothing: one that was stopped cannot say so.
const LOOK: Duration = Duration::from_millis(10);

/// What work may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Memory that it holds at one time.
    pub(crate) memory_bytes_max: i64,
    pub(crate) time_ms_max: u64,
}

/// Why work came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Stopped {
    #[error("takes more than {} MiB of memory", .0 >> 20)]
    Memory(i64),
    #[error("takes more than {} s", .0 / 1000)]
    Time(u64),
    #[error("fails by itself")]
    Panicked,
    /// Others were stopped before, and too much memory lies with them.
    #[error("cannot be tried: too many like it had to be stopped in this worker; start it again")]
    TooMany,
}

/// Does `work` in a thread of its own. One that takes too much is stopped where it stands, and what it holds is lost.
pub(crate) fn within<T: Send + 'static>(
    limits: Limits,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Stopped> {
    let give_up = Instant::now() + Duration::from_millis(limits.time_ms_max);
    let purse = purse(limits.memory_bytes_max, give_up).ok_or(Stopped::TooMany)?;
    let (sender, receiver) = sync_channel(1);
    let thread = std::thread::Builder::new()
        .name("bounded".to_owned())
        .spawn(move || {
            let _ended = Ended(purse);
            let outcome = purse.pays(work);
            // Who has given up does not listen.
            let _ = sender.send(outcome);
        });
    if thread.is_err() {
        purse.done();
        purse.free();
        return Err(Stopped::TooMany);
    }
    let outcome = loop {
        match receiver.recv_timeout(LOOK) {
            Ok(outcome) => break Ok(outcome),
            Err(RecvTimeoutError::Disconnected) => break Err(Stopped::Panicked),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if purse.fate() == Fate::Stopped {
            return Err(Stopped::Memory(limits.memory_bytes_max));
        }
        if Instant::now() >= give_up && purse.give_up() {
            return Err(Stopped::Time(limits.time_ms_max));
        }
    };
    // Its end follows at once, and the purse is free then.
    while purse.fate() == Fate::Runs {
        std::thread::yield_now();
    }
    purse.free();
    outcome
}

/// A purse, once one is free.
fn purse(bytes: i64, give_up: Instant) -> Option<&'static Purse> {
    loop {
        let taken = Purse::take(bytes);
        if taken.is_some() || Purse::all_stopped() || Instant::now() >= give_up {
            return taken;
        }
        std::thread::sleep(LOOK);
    }
}

/// However the work ends, its purse is done with.
struct Ended(&'static Purse);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.done();
    }
}

#[cfg(test)]
mod tests;
