//! Outcomes in numbers. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Outcome, Speed, wilson};
use crate::data::score::Verdict;

/// How many of some examples were right.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// Examples that were answered right.
    pub right: usize,
    /// All of them.
    pub of: usize,
    /// The share that was right.
    pub share: f64,
    /// The lower end of Wilson's interval of 95 %.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl Share {
    pub(super) fn new(right: usize, of: usize) -> Self {
        let (low, high) = wilson(right, of);
        Self {
            right,
            of,
            share: if of == 0 { 0.0 } else { right as f64 / of as f64 },
            low,
            high,
        }
    }
}

/// What was measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// The model's name.
    pub model: String,
    /// The size of its recipe; the model's name where there is none.
    pub size: String,
    /// How its numbers are kept; empty where nobody says.
    pub format: String,
    /// Bytes of its file.
    pub file_bytes: u64,
    /// SHA-256 of its file.
    pub file_hash: String,
    /// What it was measured by.
    pub examples: String,
    /// SHA-256 of that.
    pub examples_hash: String,
}

/// How a model did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// What was measured.
    pub measured: Measured,
    /// By the name of each task, and of each measure of it: `right`, and what the verdicts tell beside.
    pub tasks: BTreeMap<String, BTreeMap<String, Share>>,
    /// All examples together.
    pub all: Share,
    /// How fast it is alone.
    pub speed: Speed,
    /// Tokens written in a second while many examples were asked at a time.
    pub tokens_per_second_together: f64,
    /// Examples that it could not be asked.
    pub refused: usize,
}

impl Summary {
    /// Of these outcomes, which took so long together.
    pub fn of(measured: Measured, outcomes: &[Outcome], seconds: f64, speed: Speed) -> Self {
        let tokens: u64 = outcomes
            .iter()
            .filter_map(|one| one.answer.as_ref())
            .map(|answer| u64::from(answer.completion_tokens))
            .sum();
        let right = outcomes.iter().filter(|one| one.verdict.right).count();
        Self {
            measured,
            tasks: by_task(outcomes),
            all: Share::new(right, outcomes.len()),
            speed,
            tokens_per_second_together: if seconds > 0.0 {
                tokens as f64 / seconds
            } else {
                0.0
            },
            refused: outcomes.iter().filter(|one| one.answer.is_none()).count(),
        }
    }

    /// A measure of a task; `None` where nothing was measured.
    pub fn share(&self, task: &str, measure: &str) -> Option<&Share> {
        self.tasks.get(task)?.get(measure)
    }
}

fn by_task(outcomes: &[Outcome]) -> BTreeMap<String, BTreeMap<String, Share>> {
    let mut counts: BTreeMap<&str, BTreeMap<&str, (usize, usize)>> = BTreeMap::new();
    for one in outcomes {
        let task = counts.entry(one.task.name()).or_default();
        for (measure, yes) in measures(&one.verdict) {
            let (right, of) = task.entry(measure).or_default();
            *right += usize::from(yes);
            *of += 1;
        }
    }
    let shares = |of: BTreeMap<&str, (usize, usize)>| {
        let share =
            |(measure, (right, of)): (&str, (usize, usize))| (measure.to_owned(), Share::new(right, of));
        of.into_iter().map(share).collect()
    };
    counts
        .into_iter()
        .map(|(task, of)| (task.to_owned(), shares(of)))
        .collect()
}

fn measures(verdict: &Verdict) -> impl Iterator<Item = (&'static str, bool)> {
    [
        ("right", Some(verdict.right)),
        ("tool", verdict.tool),
        ("arguments", verdict.arguments),
        ("span", verdict.span),
        ("mark", verdict.mark),
        ("followed", verdict.followed),
    ]
    .into_iter()
    .filter_map(|(name, yes)| yes.map(|yes| (name, yes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Task;

    fn outcome(task: Task, right: bool) -> Outcome {
        Outcome {
            id: String::new(),
            task,
            verdict: Verdict {
                right,
                tool: (task == Task::Tool).then_some(true),
                ..Verdict::default()
            },
            answer: None,
            refused: None,
        }
    }

    #[test]
    fn each_task_is_counted_by_itself_and_all_together() {
        let outcomes = [
            outcome(Task::Tool, true),
            outcome(Task::Tool, false),
            outcome(Task::Tool, true),
            outcome(Task::Unknown, false),
        ];
        let measured = Measured {
            model: "m".into(),
            size: "s".into(),
            format: "f32".into(),
            file_bytes: 1,
            file_hash: String::new(),
            examples: "dev".into(),
            examples_hash: String::new(),
        };
        let summary = Summary::of(measured, &outcomes, 2.0, Speed::default());
        let counts = |share: &Share| (share.right, share.of);
        let of = |task: &str, measure: &str| summary.share(task, measure).map(counts);
        assert_eq!(summary.tasks.keys().collect::<Vec<_>>(), ["tool", "unknown"]);
        assert_eq!(of("tool", "right"), Some((2, 3)));
        assert_eq!(of("tool", "tool"), Some((3, 3)));
        assert_eq!(of("unknown", "right"), Some((0, 1)));
        assert_eq!(of("unknown", "tool"), None);
        assert_eq!((counts(&summary.all), summary.refused), ((2, 4), 4));
    }
}
