//! What data to make.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{DataError, Document, Split, Task};

/// How often each task comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// See [`Task::Tool`].
    pub tool: u32,
    /// See [`Task::Result`].
    pub result: u32,
    /// See [`Task::Grounded`].
    pub grounded: u32,
    /// See [`Task::Unknown`].
    pub unknown: u32,
    /// See [`Task::About`].
    pub about: u32,
    /// See [`Task::Injection`].
    pub injection: u32,
    /// See [`Task::Plain`].
    pub plain: u32,
}

impl Default for Weights {
    /// Reading passages is the hardest to learn, so it has most.
    fn default() -> Self {
        Self {
            tool: 26,
            result: 8,
            grounded: 34,
            unknown: 10,
            about: 4,
            injection: 12,
            plain: 6,
        }
    }
}

impl Weights {
    /// One task alone.
    #[must_use]
    pub fn only(task: Task) -> Self {
        let weight = |of: Task| u32::from(of == task);
        Self {
            tool: weight(Task::Tool),
            result: weight(Task::Result),
            grounded: weight(Task::Grounded),
            unknown: weight(Task::Unknown),
            about: weight(Task::About),
            injection: weight(Task::Injection),
            plain: weight(Task::Plain),
        }
    }

    /// In the order of [`Task::ALL`].
    pub(crate) fn in_order(self) -> [u32; 7] {
        [
            self.tool,
            self.result,
            self.grounded,
            self.unknown,
            self.about,
            self.injection,
            self.plain,
        ]
    }
}

/// What data to make: the same recipe makes the same examples.
#[derive(Debug, Clone)]
pub struct DataRecipe {
    /// The seed of all.
    pub seed: u64,
    /// Which pools.
    pub split: Split,
    /// How often each task comes.
    pub weights: Weights,
    /// Documents whose prose is read from, too; for train only, none is right as well.
    pub documents: Arc<[Document]>,
}

impl DataRecipe {
    /// Examples to learn from, from pools alone.
    #[must_use]
    pub fn train(seed: u64) -> Self {
        Self {
            seed,
            split: Split::Train,
            weights: Weights::default(),
            documents: Arc::from([]),
        }
    }

    pub(crate) fn check(&self) -> Result<(), DataError> {
        if self.weights.in_order().iter().all(|weight| *weight == 0) {
            return Err(DataError::NoWeights);
        }
        if self.split != Split::Train && !self.documents.is_empty() {
            return Err(DataError::DocumentsHeldOut(self.split.name()));
        }
        Ok(())
    }
}
