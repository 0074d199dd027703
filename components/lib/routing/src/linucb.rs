//! `LinUCB` (Li et al. 2010, disjoint arms): a ridge regression of rewards on features, whose inverse is kept up to date
//! by Sherman and Morrison's formula, and the benefit of its doubt.

use crate::features::FEATURES;
use serde::{Deserialize, Serialize};

type Vector = [f64; FEATURES];

/// The bounds of a prediction that is learned from.
const PREDICTION_MAX: f64 = 2.0;

/// One arm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arm {
    /// The inverse of I + sum of x xᵀ, row by row.
    inverse: Vec<f64>,
    /// Sum of reward times x.
    rewards: Vec<f64>,
    /// Rewards that were learned.
    count: u64,
}

impl Default for Arm {
    fn default() -> Self {
        let mut inverse = vec![0.0; FEATURES * FEATURES];
        for at in 0..FEATURES {
            inverse[at * FEATURES + at] = 1.0;
        }
        Self {
            inverse,
            rewards: vec![0.0; FEATURES],
            count: 0,
        }
    }
}

impl Arm {
    /// The reward to expect, without doubt.
    #[must_use]
    pub fn prediction(&self, x: &Vector) -> f64 {
        let spread = self.times(x);
        dot(&spread, &self.rewards)
    }

    /// The reward to hope for.
    #[must_use]
    pub fn score(&self, x: &Vector, alpha: f64) -> f64 {
        let spread = self.times(x);
        let doubt = dot(&spread, x).max(0.0).sqrt();
        alpha.mul_add(doubt, dot(&spread, &self.rewards))
    }

    /// Rewards that were learned.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Learns a reward. What is no number teaches nothing; a negative reward always makes the prediction worse, also
    /// where it is not as bad as was expected.
    pub fn learn(&mut self, x: &Vector, reward: f64) {
        if !reward.is_finite() || x.iter().any(|it| !it.is_finite()) {
            return;
        }
        let reward = reward.clamp(-1.0, 1.0);
        let prediction = self.prediction(x);
        let taught = if reward < 0.0 {
            reward.min(prediction + reward).max(-PREDICTION_MAX)
        } else {
            reward
        };
        let mut next = self.clone();
        next.update(x, taught);
        // Rounding may in the end spoil an inverse; an arm then begins anew rather than answer nonsense.
        *self = if next.is_valid() { next } else { Self::default() };
    }

    /// Whether its numbers are those of an arm.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        let sized = self.inverse.len() == FEATURES * FEATURES && self.rewards.len() == FEATURES;
        let bounded = |it: &f64| it.is_finite() && it.abs() <= 1e6;
        sized
            && self.inverse.iter().chain(&self.rewards).all(bounded)
            && (0..FEATURES).all(|at| (0.0..=1.000_001).contains(&self.inverse[at * FEATURES + at]))
    }

    fn update(&mut self, x: &Vector, reward: f64) {
        let spread = self.times(x);
        let scale = 1.0 + dot(&spread, x).max(0.0);
        for (row, left) in self.inverse.chunks_exact_mut(FEATURES).zip(&spread) {
            for (cell, right) in row.iter_mut().zip(&spread) {
                *cell -= left * right / scale;
            }
        }
        for (sum, number) in self.rewards.iter_mut().zip(x) {
            *sum += reward * number;
        }
        self.count = self.count.saturating_add(1);
    }

    fn times(&self, x: &Vector) -> Vector {
        let mut product = [0.0; FEATURES];
        for (sum, row) in product.iter_mut().zip(self.inverse.chunks_exact(FEATURES)) {
            *sum = dot(row, x);
        }
        product
    }
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}
