//! What can go wrong in training.

use crate::model::ModelError;
use std::io;
use std::path::{Path, PathBuf};

/// Why a model is not trained.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The model cannot be made or run.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A file cannot be read or written.
    #[error("`{}` cannot be read or written", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A token file is not what it should be.
    #[error("`{}` is no token file: {why}", path.display())]
    Tokens {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// No conversation can be learnt from.
    #[error(
        "no conversation can be learnt from: {too_long} are longer than the context of {context} tokens, \
         {without_targets} have no target"
    )]
    NothingToLearn {
        /// Conversations longer than the context.
        too_long: usize,
        /// Tokens of the context.
        context: usize,
        /// Conversations without a target.
        without_targets: usize,
    },
    /// A setting is out of its bounds.
    #[error("the setting `{name}` is {value}: {cure}")]
    Setting {
        /// Which.
        name: &'static str,
        /// What it is.
        value: String,
        /// What it should be.
        cure: String,
    },
    /// A checkpoint cannot be read.
    #[error("the checkpoint `{}` is damaged ({why}): delete it to go on from the one before", path.display())]
    Checkpoint {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The run that left the checkpoint was another one.
    #[error("the checkpoint `{}` is of another run: {why}", path.display())]
    OtherRun {
        /// Which.
        path: PathBuf,
        /// What differs, and what to do.
        why: String,
    },
    /// The weights are no numbers any more.
    #[error("the loss of step {step} is {loss}: start again with a lower rate than {rate}")]
    Diverged {
        /// The step.
        step: u64,
        /// Its loss.
        loss: f64,
        /// The rate.
        rate: f32,
    },
    /// The plot cannot be drawn.
    #[error("`{}` cannot be drawn: {why}", path.display())]
    Plot {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// Signals cannot be heard.
    #[error("signals cannot be heard")]
    Signals(#[source] ctrlc::Error),
}

impl TrainError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::Io {
            path: path.to_owned(),
            source,
        }
    }

    pub(crate) fn setting(name: &'static str, value: impl ToString, cure: impl ToString) -> Self {
        Self::Setting {
            name,
            value: value.to_string(),
            cure: cure.to_string(),
        }
    }
}
