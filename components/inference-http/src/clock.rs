//! Waiting with a bound, by the monotonic clock; the run's deadline, by the wall clock.

use crate::bindings::exports::gyre::inference::types::Error;
use futures::future::{Either, select};
use spin_sdk::wasip3::clocks::monotonic_clock;
use std::pin::pin;
use std::time::{SystemTime, UNIX_EPOCH};

const NS_PER_MS: u64 = 1_000_000;

/// Pauses.
pub(crate) async fn sleep(ms: u64) {
    monotonic_clock::wait_for(ms.saturating_mul(NS_PER_MS)).await;
}

/// What `work` gives, unless it takes longer; then it is dropped.
pub(crate) async fn within<F: Future>(ms: u64, work: F) -> Option<F::Output> {
    match select(pin!(work), pin!(sleep(ms))).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(_) => None,
    }
}

/// When a call must end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline(Option<u64>);

impl Deadline {
    /// A time in milliseconds since the Unix epoch, if there is one.
    pub(crate) fn new(at_ms: Option<u64>) -> Self {
        Self(at_ms)
    }

    /// How long to wait where `ms` would be allowed. Refuses when the deadline has passed.
    pub(crate) fn at_most(self, ms: u64) -> Result<u64, Error> {
        match left_ms(self.0, now_ms()) {
            None => Ok(ms),
            Some(0) => Err(passed()),
            Some(left) => Ok(ms.min(left)),
        }
    }

    /// The error of a wait that took too long: the deadline's where that has passed, else `stalled`.
    pub(crate) fn or(self, stalled: Error) -> Error {
        self.at_most(1).err().unwrap_or(stalled)
    }
}

fn left_ms(deadline_ms: Option<u64>, now_ms: u64) -> Option<u64> {
    deadline_ms.map(|at| at.saturating_sub(now_ms))
}

fn passed() -> Error {
    Error::BudgetExhausted("the deadline of this run has passed; hint: allow it more time".into())
}

fn now_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |it| u64::try_from(it.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_shortens_waits_and_ends_them() {
        assert_eq!(left_ms(None, 5), None);
        assert_eq!(left_ms(Some(7), 5), Some(2));
        assert_eq!(left_ms(Some(5), 7), Some(0));
        assert!(matches!(Deadline::new(None).at_most(9), Ok(9)));
        assert!(matches!(
            Deadline::new(Some(1)).at_most(9),
            Err(Error::BudgetExhausted(_))
        ));
        assert!(matches!(Deadline::new(Some(u64::MAX)).at_most(9), Ok(9)));
        let stalled = || Error::Internal("stalled".into());
        assert!(matches!(Deadline::new(None).or(stalled()), Error::Internal(_)));
        assert!(matches!(
            Deadline::new(Some(1)).or(stalled()),
            Error::BudgetExhausted(_)
        ));
    }
}
