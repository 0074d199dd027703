//! What became of requests: per deployment and class of tasks, in fixed space.

use crate::latency::Latencies;
use crate::reward::{Outcome, reward};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Classes that are kept apart; the others share one.
const CLASSES_MAX: usize = 32;
/// Name of that one.
const OTHERS: &str = "*";
const CLASS_BYTES_MAX: usize = 64;
/// Latencies that a mean is taken of, as `LiteLLM` does.
const RECENT_MAX: usize = 10;
/// Evidence after which the old fades: a deployment may change.
const EVIDENCE_MAX: f64 = 1_000.0;
/// How many outcomes a quality that was only said weighs as much as.
const PRIOR_WEIGHT: f64 = 4.0;
/// A quality of which nothing is known.
const QUALITY_UNKNOWN: f64 = 0.5;

/// What became of the requests of one class at one deployment.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Answered.
    pub successes: u64,
    /// Not answered.
    pub failures: u64,
    /// Evidence that it is good.
    pub good: f64,
    /// Evidence that it is not.
    pub bad: f64,
    /// Sum of the costs, in millionths.
    pub cost_micros: f64,
    /// Sum of what was said, and how often anything was.
    pub feedback: (f64, u64),
    /// Latencies of answers.
    pub latencies: Latencies,
    /// The last latencies: per token of the answer, where it had any.
    pub recent_ms: Vec<f64>,
    /// The last times to the first token.
    pub recent_first_ms: Vec<f64>,
}

impl Record {
    /// Adds an outcome, and tells its reward. A negative reward always makes the record worse.
    pub fn add(&mut self, outcome: &Outcome) -> f64 {
        let reward = reward(outcome);
        let (good, bad) = if reward < 0.0 {
            (0.0, 1.0 - reward)
        } else {
            (reward, 1.0 - reward)
        };
        self.good += good;
        self.bad += bad;
        if let Some(said) = outcome.feedback.filter(|it| it.is_finite()) {
            self.feedback.0 += said.clamp(-1.0, 1.0);
            self.feedback.1 = self.feedback.1.saturating_add(1);
        }
        if outcome.cost_micros.is_finite() && outcome.cost_micros > 0.0 {
            self.cost_micros = (self.cost_micros + outcome.cost_micros).min(f64::MAX);
        }
        if outcome.success {
            self.successes = self.successes.saturating_add(1);
            self.latencies.add(outcome.latency_ms);
            #[expect(
                clippy::cast_precision_loss,
                reason = "times and tokens, which a double holds"
            )]
            let per_token = outcome.latency_ms as f64 / outcome.output_tokens.max(1) as f64;
            push(&mut self.recent_ms, per_token);
            #[expect(clippy::cast_precision_loss, reason = "a time, which a double holds")]
            if let Some(first) = outcome.first_token_ms {
                push(&mut self.recent_first_ms, first as f64);
            }
        } else {
            self.failures = self.failures.saturating_add(1);
        }
        self.fade();
        reward
    }

    /// Adds another record of the same arm. Recent latencies are the other's, which is the newer one.
    pub fn merge(&mut self, other: &Self) {
        self.successes = self.successes.saturating_add(other.successes);
        self.failures = self.failures.saturating_add(other.failures);
        self.good += other.good;
        self.bad += other.bad;
        self.cost_micros = (self.cost_micros + other.cost_micros).min(f64::MAX);
        self.feedback.0 += other.feedback.0;
        self.feedback.1 = self.feedback.1.saturating_add(other.feedback.1);
        self.latencies.merge(&other.latencies);
        for ms in &other.recent_ms {
            push(&mut self.recent_ms, *ms);
        }
        for ms in &other.recent_first_ms {
            push(&mut self.recent_first_ms, *ms);
        }
        self.fade();
    }

    /// The mean of its rewards' evidence, 0 to 1, with what was said of its quality beforehand.
    #[must_use]
    pub fn quality(&self, said: Option<f64>) -> f64 {
        let said = said.filter(|it| it.is_finite()).unwrap_or(QUALITY_UNKNOWN);
        (said.mul_add(PRIOR_WEIGHT, self.good)) / (PRIOR_WEIGHT + self.good + self.bad)
    }

    /// The mean of recent latencies; 0 before the first, so that what was never tried is tried.
    #[must_use]
    pub fn recent(&self, stream: bool) -> f64 {
        let mean = |list: &[f64]| {
            #[expect(clippy::cast_precision_loss, reason = "at most ten")]
            let count = list.len().max(1) as f64;
            list.iter().sum::<f64>() / count
        };
        if stream && !self.recent_first_ms.is_empty() {
            return mean(&self.recent_first_ms);
        }
        mean(&self.recent_ms)
    }

    /// Whether its numbers are numbers, and its lists short.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        let numbers = [self.good, self.bad, self.cost_micros];
        let lists = self.recent_ms.iter().chain(&self.recent_first_ms);
        numbers
            .into_iter()
            .chain(lists.copied())
            .all(|it| it.is_finite() && it >= 0.0)
            && self.feedback.0.is_finite()
            && self.recent_ms.len() <= RECENT_MAX
            && self.recent_first_ms.len() <= RECENT_MAX
            && self.latencies.is_valid()
    }

    fn fade(&mut self) {
        let evidence = self.good + self.bad;
        if evidence > EVIDENCE_MAX {
            let share = EVIDENCE_MAX / evidence;
            self.good *= share;
            self.bad *= share;
        }
    }
}

fn push(list: &mut Vec<f64>, value: f64) {
    if list.len() >= RECENT_MAX {
        list.remove(0);
    }
    list.push(value);
}

/// What became of a deployment's requests, by class.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Outcomes {
    classes: BTreeMap<String, Record>,
}

impl Outcomes {
    /// The record of a class; an empty one where there is none.
    #[must_use]
    pub fn of(&self, class: &str) -> Option<&Record> {
        self.classes.get(&class_name(class)).or_else(|| {
            let full = self.classes.len() >= CLASSES_MAX;
            self.classes.get(OTHERS).filter(|_| full)
        })
    }

    /// Adds an outcome to a class, and tells its reward.
    pub fn add(&mut self, class: &str, outcome: &Outcome) -> f64 {
        self.class(class).add(outcome)
    }

    /// Adds another set of the same deployment.
    pub fn merge(&mut self, other: &Self) {
        for (class, record) in &other.classes {
            self.class(class).merge(record);
        }
    }

    /// Whether all records may be kept.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.classes.len() <= CLASSES_MAX + 1
            && self.classes.keys().all(|class| class.len() <= CLASS_BYTES_MAX)
            && self.classes.values().all(Record::is_valid)
    }

    fn class(&mut self, class: &str) -> &mut Record {
        let name = class_name(class);
        let fits = self.classes.contains_key(&name) || self.classes.len() < CLASSES_MAX;
        self.classes
            .entry(if fits { name } else { OTHERS.to_owned() })
            .or_default()
    }
}

fn class_name(class: &str) -> String {
    let mut end = class.len().min(CLASS_BYTES_MAX);
    while !class.is_char_boundary(end) {
        end -= 1;
    }
    class[..end].to_owned()
}
