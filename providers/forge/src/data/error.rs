//! What can go wrong with data.

use std::io;
use std::path::PathBuf;

/// Why there is no data.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// A pool of this crate is wrong: a mistake in the file, which a test finds.
    #[error("the pool `{pool}` is wrong: {what}; mend providers/forge/src/data/pools/{pool}")]
    Pool {
        /// Its file.
        pool: String,
        /// What is wrong.
        what: String,
    },
    /// The recipe asks for nothing.
    #[error("the recipe's weights are all 0; give at least one task a weight")]
    NoWeights,
    /// Documents are for training only.
    #[error(
        "documents were given for the split `{0}`; held-out examples are made from pools alone, so leave them out"
    )]
    DocumentsHeldOut(&'static str),
    /// A document cannot be read.
    #[error("the document {path} cannot be read ({source}); leave it out or mend it")]
    Document {
        /// Its place.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Examples cannot be written.
    #[error("the examples cannot be written to {path} ({source}); check the folder and the space left")]
    Write {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// An example cannot be made JSON.
    #[error("an example cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A frozen file is not what was frozen.
    #[error(
        "the held-out file `{file}` has SHA-256 {found}, frozen was {frozen}; restore it from the repository"
    )]
    NotFrozen {
        /// Its name.
        file: &'static str,
        /// What was frozen.
        frozen: String,
        /// What is there.
        found: String,
    },
}
