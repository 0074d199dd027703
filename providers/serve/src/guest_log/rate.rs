//! How many lines of a component are kept in a second, so that no guest fills the disk or drowns the others.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

pub(super) const LINES_PER_SECOND_MAX: u32 = 1_000;
const WINDOW: Duration = Duration::from_secs(1);

/// Whether a line is kept.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Admitted {
    Yes,
    No,
    /// Not, and it is the first of its second.
    NoAndFirst,
}

#[derive(Debug)]
pub(super) struct Rate(Mutex<(Instant, u32)>);

impl Rate {
    pub(super) fn new() -> Self {
        Self(Mutex::new((Instant::now(), 0)))
    }

    pub(super) fn admit(&self) -> Admitted {
        self.admit_at(Instant::now())
    }

    fn admit_at(&self, now: Instant) -> Admitted {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_duration_since(window.0) >= WINDOW {
            *window = (now, 0);
        }
        window.1 = window.1.saturating_add(1);
        match window.1 {
            count if count <= LINES_PER_SECOND_MAX => Admitted::Yes,
            count if count == LINES_PER_SECOND_MAX + 1 => Admitted::NoAndFirst,
            _ => Admitted::No,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_so_many_lines() {
        let (rate, now) = (Rate::new(), Instant::now());
        for _ in 0..LINES_PER_SECOND_MAX {
            assert_eq!(rate.admit_at(now), Admitted::Yes);
        }
        assert_eq!(rate.admit_at(now), Admitted::NoAndFirst);
        assert_eq!(rate.admit_at(now), Admitted::No);
        assert_eq!(rate.admit_at(now + 2 * WINDOW), Admitted::Yes);
    }
}
