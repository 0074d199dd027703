//! How fast a queue moves, for telling when to come back. Pure.

use std::time::{Duration, Instant};

/// What is told where nothing is known yet.
const UNKNOWN: Duration = Duration::from_millis(500);
const RETRY_AFTER_MS_MIN: u64 = 50;
const RETRY_AFTER_MS_MAX: u64 = 60_000;
/// One more departure weighs one in so many.
const SMOOTHING: u32 = 8;

/// The mean time between two jobs that leave the queue while others wait.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    last: Option<Instant>,
    mean: Option<Duration>,
}

impl Pace {
    /// Notes that a job left.
    pub(crate) fn left(&mut self, now: Instant) {
        if let Some(last) = self.last.replace(now) {
            let since = now.saturating_duration_since(last);
            self.mean = Some(match self.mean {
                Some(mean) => (mean * (SMOOTHING - 1) + since) / SMOOTHING,
                None => since,
            });
        }
    }

    /// Notes that nobody waits: the time until the next job comes says nothing.
    pub(crate) fn idle(&mut self) {
        self.last = None;
    }

    /// When to come back: once half of those who wait now are gone.
    pub(crate) fn retry_after_ms(&self, waiting: usize) -> u64 {
        let half = u32::try_from(waiting.div_ceil(2)).unwrap_or(u32::MAX);
        let wait = self.mean.map_or(UNKNOWN, |mean| mean.saturating_mul(half.max(1)));
        let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        wait_ms.clamp(RETRY_AFTER_MS_MIN, RETRY_AFTER_MS_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_to_come_back_grows_with_what_waits_and_is_bounded() {
        let check = |gaps_ms: &[u64], waiting, expected| {
            let mut pace = Pace::default();
            let mut now = Instant::now();
            pace.left(now);
            for gap in gaps_ms {
                now += Duration::from_millis(*gap);
                pace.left(now);
            }
            assert_eq!(pace.retry_after_ms(waiting), expected, "{gaps_ms:?} {waiting}");
        };
        check(&[], 100, 500);
        check(&[100, 100], 8, 400);
        check(&[100, 100], 16, 800);
        check(&[100, 900], 2, 200);
        check(&[1], 2, RETRY_AFTER_MS_MIN);
        check(&[100_000], 100, RETRY_AFTER_MS_MAX);
    }

    #[test]
    fn an_idle_time_says_nothing() {
        let mut pace = Pace::default();
        let now = Instant::now();
        pace.left(now);
        pace.idle();
        pace.left(now + Duration::from_secs(3600));
        assert_eq!(pace.retry_after_ms(2), 500);
        pace.left(now + Duration::from_secs(3601));
        assert_eq!(pace.retry_after_ms(2), 1000);
    }
}
