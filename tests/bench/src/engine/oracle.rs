//! Which answers are right: the first of each question, which all later ones must equal.
//!
//! The worker and the guest run the same engine and must agree; the peer is held against itself, and how often it
//! agrees with ours is told. Our random models make clear choices, so an answer that differs is a wrong one. Real
//! models have near ties, which rounding decides otherwise in a batch of another shape: there it is only counted.

use super::ask::{Answer, Ask};
use super::way::Way;
use anyhow::Result;
use std::collections::HashMap;

/// Failures that are told in words.
const TOLD_MAX: usize = 5;

/// Whose engine answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Family {
    Ours,
    Peers,
}

/// What was answered so far.
pub(crate) struct Oracle {
    /// An answer that differs is a failure.
    strict: bool,
    right: HashMap<(Family, Ask), String>,
    judged: usize,
    differing: usize,
    failures: usize,
}

impl Oracle {
    pub(crate) fn new(strict: bool) -> Self {
        Self {
            strict,
            right: HashMap::new(),
            judged: 0,
            differing: 0,
            failures: 0,
        }
    }

    /// Gives a right answer back; counts and tells any other.
    pub(crate) fn judge(&mut self, way: &Way, ask: &Ask, answer: Result<Answer>) -> Option<Answer> {
        self.judged += 1;
        let wrong = match answer {
            Ok(answer) if answer.text.is_empty() => "the answer is empty".to_owned(),
            Ok(answer) => match self.difference(way.family, ask, &answer) {
                None => return Some(answer),
                Some(difference) => {
                    self.differing += 1;
                    if !self.strict {
                        return Some(answer);
                    }
                    difference
                }
            },
            Err(error) => format!("{error:#}"),
        };
        self.failures += 1;
        if self.failures <= TOLD_MAX {
            eprintln!("{}: {wrong}", way.name);
        }
        None
    }

    fn difference(&mut self, family: Family, ask: &Ask, answer: &Answer) -> Option<String> {
        let right = self
            .right
            .entry((family, ask.clone()))
            .or_insert_with(|| answer.text.clone());
        let same = common(right, &answer.text);
        (*right != answer.text).then(|| {
            format!(
                "the answer differs from the first one after {same} of {} bytes",
                right.len()
            )
        })
    }

    /// Answers that were wrong or missing.
    pub(crate) fn failures(&self) -> usize {
        self.failures
    }

    /// All answers, and those that were not the first one to their question.
    pub(crate) fn differing(&self) -> (usize, usize) {
        (self.judged, self.differing)
    }

    /// Of the questions that both families answered: how many there are, and how many have the same answer.
    pub(crate) fn agreement(&self) -> (usize, usize) {
        let ours = self
            .right
            .iter()
            .filter(|((family, _), _)| *family == Family::Ours);
        let both = ours.filter_map(|((_, ask), ours)| {
            let peers = self.right.get(&(Family::Peers, ask.clone()))?;
            Some(ours == peers)
        });
        let both: Vec<bool> = both.collect();
        (both.len(), both.iter().filter(|same| **same).count())
    }
}

/// Bytes that two texts begin with alike.
fn common(one: &str, other: &str) -> usize {
    let pairs = one.bytes().zip(other.bytes());
    pairs.take_while(|(one, other)| one == other).count()
}
