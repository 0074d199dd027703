//! What can go wrong with a phase.

use std::io;
use std::path::PathBuf;

use crate::data::DataError;
use crate::evaluate::EvaluateError;
use crate::export::ExportError;
use crate::model::ModelError;
use crate::render::RenderError;
use crate::tokenizer::TokenizerError;
use crate::tokens::TokensError;
use crate::train::TrainError;

/// Why a phase was not done.
#[derive(Debug, thiserror::Error)]
pub enum PhaseError {
    /// A file or folder cannot be read or written.
    #[error("{path} cannot be read or written ({source}); check the folder and the space left")]
    Io {
        /// Its place.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process makes this phase.
    #[error("another gyre-forge works in {path}; wait for it, or end it")]
    Busy {
        /// The phase's folder.
        path: PathBuf,
    },
    /// What was made is not there any more, or another.
    #[error(
        "{path} is not what the phase made ({what}); remove the folder it is in, and the phase is done again"
    )]
    Changed {
        /// The file.
        path: PathBuf,
        /// What differs.
        what: String,
    },
    /// The recipe cannot be read.
    #[error("the recipe {path} cannot be used: {what}")]
    Recipe {
        /// Its place.
        path: PathBuf,
        /// What is wrong, and the cure.
        what: String,
    },
    /// The recipe has no such size.
    #[error("the recipe has no size `{name}`; it has {known}")]
    Size {
        /// What was asked for.
        name: String,
        /// Those there are.
        known: String,
    },
    /// Examples cannot be made.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Conversations cannot be rendered.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// No tokenizer could be learnt or read.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// No tokens could be made or read.
    #[error(transparent)]
    Tokens(#[from] TokensError),
    /// The model has no usable shape or weights.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// Training failed.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// Training was asked to stop before it was done.
    #[error("training was stopped at step {step}; run again, and it goes on from there")]
    Stopped {
        /// Steps that are kept.
        step: u64,
    },
    /// Ctrl-C, not during training.
    #[error("interrupted; run again, and what is done is skipped")]
    Interrupted,
    /// The model was not written.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The model was not measured.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
    /// Something cannot be written as JSON.
    #[error("no JSON could be written: {0}")]
    Json(#[from] serde_json::Error),
}

impl PhaseError {
    pub(super) fn io(path: &std::path::Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}
