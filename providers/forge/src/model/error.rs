//! What can be wrong with a model and what it is given.

use std::io;
use std::path::PathBuf;

/// Why a model cannot be made, read, written or run.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The numbers of a shape contradict each other or a bound.
    #[error("the model's shape is not usable: {0}")]
    Shape(String),
    /// A file cannot be read or written.
    #[error("`{}` cannot be read or written", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file is not what it should be.
    #[error("`{}` is no weights of such a model: {why}", path.display())]
    Malformed {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Tokens that a model cannot read.
    #[error("these tokens cannot be read by the model: {0}")]
    Tokens(String),
    /// The accelerator failed.
    #[cfg(any(test, feature = "candle"))]
    #[error("candle failed")]
    Candle(#[from] candle_core::Error),
}

impl ModelError {
    pub(crate) fn io(path: &std::path::Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}
