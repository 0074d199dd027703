//! Which answers are right: the first of each question, which all later ones must equal.
//!
//! The worker and the guest run the same engine and must agree; the peer is held against itself, and how often it
//! agrees with ours is told. An answer that differs is put aside until the end, when it is found out whether rounding
//! alone parted it from the first one. If not, it was wrong, and so is the bench.

use super::ask::{Answer, Ask, Door};
use super::ties;
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
    right: HashMap<(Family, Ask), String>,
    differing: Vec<Differing>,
    judged: usize,
    settled: usize,
    failures: usize,
}

/// An answer that is not the first one to its question.
struct Differing {
    way: &'static str,
    ask: Ask,
    first: String,
    answer: String,
}

impl Oracle {
    pub(crate) fn new() -> Self {
        Self {
            right: HashMap::new(),
            differing: Vec::new(),
            judged: 0,
            settled: 0,
            failures: 0,
        }
    }

    /// Gives an answer back, puts it aside if it differs; counts and tells what is none.
    pub(crate) fn judge(&mut self, way: &Way, ask: &Ask, answer: Result<Answer>) -> Option<Answer> {
        self.judged += 1;
        match answer {
            Ok(answer) if answer.text.is_empty() => self.fail(way.name, "the answer is empty"),
            Err(error) => self.fail(way.name, &format!("{error:#}")),
            Ok(answer) => {
                let key = (way.family, ask.clone());
                let first = self.right.entry(key).or_insert_with(|| answer.text.clone());
                if *first != answer.text {
                    self.differing.push(Differing {
                        way: way.name,
                        ask: ask.clone(),
                        first: first.clone(),
                        answer: answer.text.clone(),
                    });
                }
                return Some(answer);
            }
        }
        None
    }

    fn fail(&mut self, way: &str, why: &str) {
        self.failures += 1;
        if self.failures <= TOLD_MAX {
            eprintln!("{way}: {why}");
        }
    }

    /// Finds out what parted the answers that differ. `door` is a worker's.
    pub(crate) async fn settle(&mut self, door: &Door) -> Result<()> {
        for differing in std::mem::take(&mut self.differing) {
            let alone = ties::alone(door, &differing.ask).await?;
            let lost = [&differing.first, &differing.answer].map(|text| ties::lost(&alone, text));
            println!(
                "{}: an answer parts from the first one after {} of {} bytes; computed alone, what it chose is e^-{:.4} \
                 times as likely as the best, and what the first one chose e^-{:.4} times",
                differing.way,
                common(&differing.first, &differing.answer),
                differing.first.len(),
                lost[1],
                lost[0]
            );
            self.settled += 1;
            if !lost.into_iter().all(ties::is_tie) {
                self.fail(differing.way, "that is no rounding: the answer is wrong");
            }
        }
        Ok(())
    }

    /// Answers that were wrong or missing.
    pub(crate) fn failures(&self) -> usize {
        self.failures
    }

    /// All answers, and those that were settled.
    pub(crate) fn judged(&self) -> (usize, usize) {
        (self.judged, self.settled)
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
