//! What can be wrong with a file. Texts hold no path: the caller knows it.

use gyre_gguf::GgufError;
use std::io;

/// Why a file cannot be read, written or converted.
#[derive(Debug, thiserror::Error)]
pub enum OnnxError {
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
    /// The content breaks the format or a bound.
    #[error("it is no usable ONNX file: {0}")]
    Malformed(String),
    /// What was to be converted is not what the converter knows.
    #[error("it cannot be converted: {0}")]
    Unconvertible(String),
    /// The GGUF file that was to be converted cannot be read.
    #[error("the GGUF file cannot be read")]
    Gguf(#[source] GgufError),
}

impl OnnxError {
    pub(crate) fn malformed(what: impl Into<String>) -> Self {
        Self::Malformed(what.into())
    }

    pub(crate) fn unconvertible(what: impl Into<String>) -> Self {
        Self::Unconvertible(what.into())
    }
}
