//! What is known of a deployment right now: failures, cooldown, requests in flight, the minute's use.

use crate::limits::Upstream;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const MINUTE_MS: u64 = 60_000;
/// Kinds of failure that are counted apart.
const KINDS_MAX: usize = 16;
/// The longest cooldown, however often a deployment failed its trial.
pub(crate) const COOLDOWN_MS_MAX: u64 = 3_600_000;

/// A count that begins anew a fixed time after its first event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    count: u64,
    ends_ms: u64,
}

impl Tally {
    /// The count now.
    #[must_use]
    pub fn at(&self, now_ms: u64) -> u64 {
        if now_ms < self.ends_ms { self.count } else { 0 }
    }

    /// Counts one more, and tells the count.
    pub fn add(&mut self, now_ms: u64, window_ms: u64) -> u64 {
        if now_ms >= self.ends_ms {
            *self = Self {
                count: 0,
                ends_ms: now_ms.saturating_add(window_ms),
            };
        }
        self.count = self.count.saturating_add(1);
        self.count
    }
}

/// What was used in one minute of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Minute {
    index: u64,
    requests: u64,
    tokens: u64,
}

impl Minute {
    /// Requests in the minute of `now_ms`.
    #[must_use]
    pub fn requests(&self, now_ms: u64) -> u64 {
        if self.index == now_ms / MINUTE_MS {
            self.requests
        } else {
            0
        }
    }

    /// Tokens in the minute of `now_ms`.
    #[must_use]
    pub fn tokens(&self, now_ms: u64) -> u64 {
        if self.index == now_ms / MINUTE_MS {
            self.tokens
        } else {
            0
        }
    }

    /// Adds to the minute of `now_ms`.
    pub fn add(&mut self, now_ms: u64, requests: u64, tokens: u64) {
        let index = now_ms / MINUTE_MS;
        if self.index != index {
            *self = Self {
                index,
                ..Self::default()
            };
        }
        self.requests = self.requests.saturating_add(requests);
        self.tokens = self.tokens.saturating_add(tokens);
    }
}

/// Whether a deployment may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breaker {
    /// Yes.
    Closed,
    /// No, until then.
    Open {
        /// The end of its cooldown.
        until_ms: u64,
    },
    /// By one request at a time, to see.
    HalfOpen {
        /// Whether that one is not under way.
        free: bool,
    },
}

/// What is known of a deployment right now. A value; who keeps it, and where, is not told here.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Health {
    /// Successes of the last minute.
    pub successes: Tally,
    /// Failures of the last minute.
    pub failures: Tally,
    /// Failures that were borne, by kind.
    pub borne: BTreeMap<String, Tally>,
    /// The end of its cooldown; 0 for none.
    pub cooldown_until_ms: u64,
    /// Cooldowns since its last success.
    pub trips: u32,
    /// The end of a trial that is under way; 0 for none.
    pub trial_until_ms: u64,
    /// Requests that have begun and not ended; [`Health::in_flight`] leaves out those that surely have.
    pub in_flight: u32,
    /// When the last of them has surely ended, told or not: a sandbox may die without a word.
    pub in_flight_until_ms: u64,
    /// The minute's use.
    pub minute: Minute,
    /// What the upstream said of its limits.
    pub upstream: Upstream,
}

impl Health {
    /// Whether it may be asked. `half_open` is the configuration's: without it a deployment is back at once.
    #[must_use]
    pub fn breaker(&self, now_ms: u64, half_open: bool) -> Breaker {
        if now_ms < self.cooldown_until_ms {
            let until_ms = self.cooldown_until_ms;
            return Breaker::Open { until_ms };
        }
        if half_open && self.trips > 0 {
            let free = now_ms >= self.trial_until_ms;
            return Breaker::HalfOpen { free };
        }
        Breaker::Closed
    }

    /// Requests in flight.
    #[must_use]
    pub fn in_flight(&self, now_ms: u64) -> u32 {
        if now_ms < self.in_flight_until_ms {
            self.in_flight
        } else {
            0
        }
    }

    /// A request begins, and will not take longer than `patience_ms`.
    pub fn begin(&mut self, now_ms: u64, patience_ms: u64) {
        self.in_flight = self.in_flight(now_ms).saturating_add(1);
        self.in_flight_until_ms = self.in_flight_until_ms.max(now_ms.saturating_add(patience_ms));
        self.minute.add(now_ms, 1, 0);
        if self.trips > 0 && now_ms >= self.cooldown_until_ms {
            self.trial_until_ms = now_ms.saturating_add(patience_ms);
        }
    }

    /// It ended well: whatever was held against the deployment is over.
    pub fn succeed(&mut self, now_ms: u64, tokens: u64) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.minute.add(now_ms, 0, tokens);
        self.successes.add(now_ms, MINUTE_MS);
        if now_ms >= self.cooldown_until_ms {
            self.trips = 0;
            self.trial_until_ms = 0;
            self.cooldown_until_ms = 0;
        }
    }

    /// It ended because its caller went away: that says nothing of the deployment.
    pub fn abandon(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.trial_until_ms = 0;
    }

    /// Counts a failure of the last minute.
    pub(crate) fn count_failure(&mut self, now_ms: u64) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.trial_until_ms = 0;
        self.failures.add(now_ms, MINUTE_MS);
    }

    /// Counts a failure that is borne, and tells how many were.
    pub(crate) fn bear(&mut self, kind: &str, now_ms: u64, window_ms: u64) -> u64 {
        if !self.borne.contains_key(kind) && self.borne.len() >= KINDS_MAX {
            self.borne.retain(|_, tally| tally.at(now_ms) > 0);
        }
        let tally = self.borne.entry(kind.to_owned()).or_default();
        tally.add(now_ms, window_ms)
    }

    /// Begins a cooldown. With `half_open` it is twice as long each time a trial failed.
    pub(crate) fn cool(&mut self, now_ms: u64, time_ms: u64, half_open: bool) -> u64 {
        // Requests that were under way together fail together: that is one failed trial.
        let again = now_ms < self.cooldown_until_ms;
        let trips = if again {
            self.trips.saturating_sub(1)
        } else {
            self.trips
        };
        let doubled = time_ms.saturating_mul(1 << trips.min(12));
        // What was configured or wished for is kept, however long; only doubling ends at an hour.
        let longer = doubled.min(COOLDOWN_MS_MAX.max(time_ms));
        let time_ms = if half_open { longer } else { time_ms };
        self.trips = trips.saturating_add(1);
        self.cooldown_until_ms = self.cooldown_until_ms.max(now_ms.saturating_add(time_ms));
        time_ms
    }
}
