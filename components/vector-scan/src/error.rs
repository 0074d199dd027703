//! Why a call failed, in the terms of the port.

/// Mirrors `gyre:vector/types.error`; texts are public and name the cure.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The vector's dimension is not the collection's.
    #[error("the collection has vectors of {expected} dimensions, given are {given}")]
    DimensionMismatch {
        /// Dimension of the collection.
        expected: u32,
        /// Dimension given.
        given: u32,
    },
    /// The request is wrong.
    #[error("{0}")]
    Invalid(String),
    /// No grant for the store.
    #[error("{0}")]
    Denied(String),
    /// Full or busy.
    #[error("{0}")]
    Unavailable(String),
    /// The store failed.
    #[error("{0}")]
    Internal(String),
}
