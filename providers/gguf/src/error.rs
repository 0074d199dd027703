//! What can be wrong with a file. Texts hold no path: the caller knows it.

use std::io;

/// Why a file cannot be read, written or converted.
#[derive(Debug, thiserror::Error)]
pub enum GgufError {
    /// The file system failed.
    #[error("the file cannot be read or written")]
    Io(#[source] io::Error),
    /// The file ends before its content does.
    #[error("it is truncated: {wanted} bytes are needed, {there} are there")]
    Truncated {
        /// Bytes it should have at least.
        wanted: u64,
        /// Bytes it has.
        there: u64,
    },
    /// The content breaks the format.
    #[error("it is no valid GGUF file: {0}")]
    Malformed(String),
    /// What was to be converted is not what the converter knows.
    #[error("it cannot be converted: {0}")]
    Unconvertible(String),
}

impl GgufError {
    pub(crate) fn malformed(what: impl Into<String>) -> Self {
        Self::Malformed(what.into())
    }

    pub(crate) fn unconvertible(what: impl Into<String>) -> Self {
        Self::Unconvertible(what.into())
    }
}
