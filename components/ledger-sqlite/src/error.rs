//! Why a call failed, in the terms of the port.

/// Mirrors `gyre:ledger/types.error`; texts are public and name the cure.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The stream has another length than expected.
    #[error("the stream has {0} events, not as many as expected")]
    Conflict(u64),
    /// The request is wrong.
    #[error("{0}")]
    Invalid(String),
    /// Not granted, full or busy.
    #[error("{0}")]
    Unavailable(String),
    /// The store failed.
    #[error("{0}")]
    Internal(String),
}
