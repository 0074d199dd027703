//! What came of an example.

use gyre_engine_ipc::EngineError;
use serde::{Deserialize, Serialize};

use super::Answer;
use crate::data::score::{self, Verdict};
use crate::data::{Example, Task};

/// A line of the raw outputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The example's name.
    pub id: String,
    /// What it measures.
    pub task: Task,
    /// How the answer is.
    pub verdict: Verdict,
    /// What the model said; absent where it could not be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// Why it could not be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

impl Outcome {
    /// Nothing is right of an example that expects nothing.
    pub(super) fn of(example: &Example, answer: Answer) -> Self {
        let judged = |expect| score::score(expect, &answer.said);
        Self {
            id: example.id.clone(),
            task: example.task,
            verdict: example.expect.as_ref().map(judged).unwrap_or_default(),
            answer: Some(answer),
            refused: None,
        }
    }

    /// An empty answer is judged, so that each measure counts the example.
    pub(super) fn refused(example: &Example, error: &EngineError) -> Self {
        let judged = |expect| score::score(expect, &score::Answer::default());
        let verdict = example.expect.as_ref().map(judged).unwrap_or_default();
        Self {
            id: example.id.clone(),
            task: example.task,
            verdict: Verdict {
                right: false,
                ..verdict
            },
            answer: None,
            refused: Some(error.to_string()),
        }
    }
}
