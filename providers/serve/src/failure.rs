//! A failed call under its id: what a client may know, and what the log has.

use crate::CallError;
use std::error::Error as _;
use thiserror::Error;
use uuid::Uuid;
use wasmtime_wasi_http::Error as WasiError;

/// A call that came to nothing. The log has its whole cause under the id; a client sees the id and the message.
#[derive(Debug, Error)]
#[error("{error}")]
pub struct Failure {
    /// What client and log share.
    pub id: Uuid,
    /// What failed. Its source is for the log only.
    pub error: CallError,
}

impl Failure {
    /// Logs the whole chain, once, under a new id.
    pub(crate) fn report(error: CallError) -> Self {
        let id = Uuid::now_v7();
        let cause = error.source().map(|source| format!("{source:?}"));
        let cause = cause.as_deref().unwrap_or("none");
        if error.is_refusal() {
            tracing::warn!(error_id = %id, cause, "{error}");
        } else {
            tracing::error!(error_id = %id, cause, "{error}");
        }
        Self { id, error }
    }
}

/// What a sandbox sees of a neighbour's failure.
impl From<Failure> for WasiError {
    fn from(failure: Failure) -> Self {
        match failure.error {
            CallError::NotFound(_) => Self::DestinationNotFound,
            CallError::TooManyHops { .. } => Self::LoopDetected,
            CallError::Overloaded { .. } | CallError::TooManyCalls { .. } => Self::ConnectionLimitReached,
            CallError::Timeout { .. } => Self::HttpResponseTimeout,
            CallError::RequestTooLarge { limit_bytes, .. } => Self::HttpRequestBodySize(Some(limit_bytes)),
            CallError::TooLarge { .. } => Self::HttpResponseBodySize(None),
            CallError::Computing { .. } | CallError::MessageRefused { .. } | CallError::Failed { .. } => {
                Self::InternalError(Some(format!("{failure} (error {})", failure.id)))
            }
        }
    }
}
