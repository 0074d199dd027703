//! What is stored between requests, and how: JSON of bounded size for the ledger.

use crate::health::Health;
use crate::linucb::Arm;
use crate::outcomes::Outcomes;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Bytes that the statistics of one deployment may take.
pub const STATISTICS_BYTES_MAX: usize = 256 * 1024;
/// Bytes that the health of one deployment may take.
pub const HEALTH_BYTES_MAX: usize = 16 * 1024;

/// What was learned of a deployment; worth keeping for long.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statistics {
    /// What became of requests.
    pub outcomes: Outcomes,
    /// What was learned from their features; nothing until something was.
    pub arm: Option<Arm>,
}

/// All that a decision may look at, by the deployments' ids. What is absent is fresh.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// What is known of them right now.
    pub health: BTreeMap<String, Health>,
    /// What was learned of them.
    pub statistics: BTreeMap<String, Statistics>,
}

/// Stored bytes that are no statistics.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// Too many bytes.
    #[error(
        "the stored value has {bytes} bytes and may have {bytes_max}; hint: delete it, and it is learned anew"
    )]
    TooLarge {
        /// How many there are.
        bytes: usize,
        /// How many there may be.
        bytes_max: usize,
    },
    /// Not the JSON that was stored.
    #[error("the stored value cannot be read: {0}; hint: delete it, and it is learned anew")]
    Unreadable(String),
}

impl Statistics {
    /// As JSON for the ledger.
    pub fn encode(&self) -> Result<String, StateError> {
        encode(self, STATISTICS_BYTES_MAX)
    }

    /// From JSON of the ledger.
    pub fn decode(bytes: &[u8]) -> Result<Self, StateError> {
        let statistics: Self = decode(bytes, STATISTICS_BYTES_MAX)?;
        let valid = statistics.outcomes.is_valid() && statistics.arm.as_ref().is_none_or(Arm::is_valid);
        let spoiled = || StateError::Unreadable("a number is out of its bounds".into());
        valid.then_some(statistics).ok_or_else(spoiled)
    }

    /// Adds what another sandbox learned of the same deployment. Regressions do not add up exactly: the one that
    /// learned more is kept.
    pub fn merge(&mut self, other: &Self) {
        self.outcomes.merge(&other.outcomes);
        let known = self.arm.as_ref().map_or(0, Arm::count);
        if other.arm.as_ref().is_some_and(|arm| arm.count() > known) {
            self.arm.clone_from(&other.arm);
        }
    }
}

impl Health {
    /// As JSON for the ledger.
    pub fn encode(&self) -> Result<String, StateError> {
        encode(self, HEALTH_BYTES_MAX)
    }

    /// From JSON of the ledger.
    pub fn decode(bytes: &[u8]) -> Result<Self, StateError> {
        decode(bytes, HEALTH_BYTES_MAX)
    }
}

fn encode(value: &impl Serialize, bytes_max: usize) -> Result<String, StateError> {
    let text = serde_json::to_string(value).map_err(|error| StateError::Unreadable(error.to_string()))?;
    fits(text.len(), bytes_max)?;
    Ok(text)
}

fn decode<T: for<'a> Deserialize<'a>>(bytes: &[u8], bytes_max: usize) -> Result<T, StateError> {
    fits(bytes.len(), bytes_max)?;
    serde_json::from_slice(bytes).map_err(|error| StateError::Unreadable(error.to_string()))
}

fn fits(bytes: usize, bytes_max: usize) -> Result<(), StateError> {
    if bytes > bytes_max {
        return Err(StateError::TooLarge { bytes, bytes_max });
    }
    Ok(())
}

impl Statistics {
    /// Learns what became of a request, and tells the reward.
    pub fn learn(&mut self, task: &crate::Task, outcome: &crate::Outcome) -> f64 {
        let reward = self.outcomes.add(&task.class, outcome);
        let arm = self.arm.get_or_insert_default();
        arm.learn(&crate::features(task), reward);
        reward
    }
}
