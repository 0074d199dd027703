//! Quantiles of latencies in fixed space: counts in buckets whose bounds grow by a fifth, so a quantile is within a
//! tenth or so of the truth, and two sketches add up exactly.

use serde::{Deserialize, Serialize};

/// Buckets: from 1 ms to about an hour.
const BUCKETS: usize = 84;
const GROWTH: f64 = 1.2;
/// Measurements after which the old ones begin to fade.
const COUNT_MAX: u64 = 4_096;

/// A sketch of latencies.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Latencies {
    /// Counts up to the last that is not 0.
    counts: Vec<u32>,
}

impl Latencies {
    /// Adds a measurement.
    pub fn add(&mut self, ms: u64) {
        let bucket = bucket(ms);
        if self.counts.len() <= bucket {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts[bucket] = self.counts[bucket].saturating_add(1);
        self.fade();
    }

    /// Adds another sketch.
    pub fn merge(&mut self, other: &Self) {
        let length = self.counts.len().max(other.counts.len()).min(BUCKETS);
        self.counts.resize(length, 0);
        for (own, other) in self.counts.iter_mut().zip(&other.counts) {
            *own = own.saturating_add(*other);
        }
        self.fade();
    }

    /// How many were measured, as far as they have not faded.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().map(|count| u64::from(*count)).sum()
    }

    /// The latency that this share of all measurements does not exceed; nothing before the first.
    #[must_use]
    pub fn quantile_ms(&self, share: f64) -> Option<f64> {
        let count = self.count();
        if count == 0 {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "a bounded count, which a double holds")]
        let wanted = share.clamp(0.0, 1.0) * count as f64;
        let mut seen = 0.0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += f64::from(*count);
            if *count > 0 && seen >= wanted {
                return Some(middle_ms(bucket));
            }
        }
        Some(middle_ms(self.counts.len().saturating_sub(1)))
    }

    /// Whether it may be kept: what comes from outside may be anything.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.counts.len() <= BUCKETS
    }

    fn fade(&mut self) {
        while self.count() > COUNT_MAX {
            for count in &mut self.counts {
                // Half, rounded up: what was rare is not forgotten at once.
                *count = count.div_ceil(2);
            }
            if self.counts.iter().all(|count| *count <= 1) {
                break;
            }
        }
    }
}

fn bucket(ms: u64) -> usize {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a logarithm of at most 64 bits, which is small"
    )]
    let bucket = ((ms.max(1) as f64).ln() / GROWTH.ln()) as usize;
    bucket.min(BUCKETS - 1)
}

fn middle_ms(bucket: usize) -> f64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        reason = "at most 84"
    )]
    let exponent = bucket as i32;
    GROWTH.powi(exponent) * GROWTH.sqrt()
}
