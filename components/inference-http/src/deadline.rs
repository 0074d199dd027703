//! The deadline of a run, by the wall clock.

use crate::bindings::exports::gyre::inference::types::Error;
use gyre_clock::now_ms;

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
