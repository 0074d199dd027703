//! What can go wrong with an export.

use std::io;
use std::path::PathBuf;

use gyre_gguf::GgufError;

use crate::export::Format;

/// Why there is no GGUF file.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The file cannot be written.
    #[error("the model {path} cannot be written ({source}); check the folder and the space left")]
    Gguf {
        /// Its place.
        path: PathBuf,
        /// Why.
        source: GgufError,
    },
    /// The writer refuses a tensor.
    #[error("the tensor `{tensor}` cannot be written: {source}")]
    Tensor {
        /// Its name.
        tensor: String,
        /// Why.
        source: GgufError,
    },
    /// The tokenizer cannot be read.
    #[error("the tokenizer {path} cannot be read ({source})")]
    Io {
        /// Its place.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The tokenizer is not one of this crate's.
    #[error(
        "the tokenizer {path} is not what this release writes ({what}); remove its phase's folder and run again"
    )]
    Tokenizer {
        /// Its place.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The model has fewer tokens than the tokenizer.
    #[error(
        "the tokenizer has {tokens} tokens and the model {rows}: they are not of one training; train with this tokenizer"
    )]
    Tokens {
        /// Of the tokenizer.
        tokens: usize,
        /// Of the model.
        rows: usize,
    },
    /// A row is no whole number of blocks.
    #[error("`{tensor}` has rows of {columns} numbers, which {} does not divide into blocks; use f16 or a wider shape", .format.name())]
    Blocks {
        /// The tensor.
        tensor: String,
        /// Numbers of a row.
        columns: usize,
        /// The format.
        format: Format,
    },
}
