//! What can go wrong with a tokenizer.

use std::io;
use std::path::PathBuf;

use super::{TOKENS_MAX, TOKENS_MIN};

/// Why there are no tokens.
#[derive(Debug, thiserror::Error)]
pub enum TokenizerError {
    /// No vocabulary has this size.
    #[error("a vocabulary of {0} tokens cannot be learnt; ask for {min} to {max}", min = TOKENS_MIN, max = TOKENS_MAX)]
    Size(usize),
    /// There is nothing to learn from.
    #[error("there is no text to learn a tokenizer from; give the training split some examples")]
    NoText,
    /// The library refuses.
    #[error("the tokenizer cannot be used ({0}); remove its phase's folder and run again")]
    Library(String),
    /// The file cannot be read or written.
    #[error("the tokenizer {path} cannot be read or written ({source}); check the folder and the space left")]
    File {
        /// Its place.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not one of this crate's.
    #[error(
        "the tokenizer {path} is not what this release writes ({what}); remove its phase's folder and run again"
    )]
    Foreign {
        /// Its place.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
}

impl TokenizerError {
    /// What the library says has no type of its own.
    pub(super) fn library(error: impl ToString) -> Self {
        Self::Library(error.to_string())
    }
}
