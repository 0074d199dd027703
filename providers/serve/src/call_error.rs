//! Failures of one call.

use std::time::Duration;
use thiserror::Error;

/// Why a call came to nothing.
#[derive(Debug, Error)]
pub enum CallError {
    /// No such component in this application.
    #[error("there is no component `{0}` in this application")]
    NotFound(String),
    /// Components call each other in a circle.
    #[error(
        "more than {limit} chained calls lead to component `{component}`\nhint: components call each other in a circle; if not, raise hops_max in [component.{component}.tool.gyre]"
    )]
    TooManyHops {
        /// Whose.
        component: String,
        /// Its limit.
        limit: u8,
    },
    /// Too many sandboxes are running.
    #[error("too many calls at once\nhint: try again in {} s", retry_after.as_secs())]
    Overloaded {
        /// When to try again.
        retry_after: Duration,
    },
    /// Too many sandboxes of this component are running.
    #[error(
        "component `{component}` answers {limit} calls already\nhint: try again in {} s, or raise calls_max in [component.{component}.tool.gyre]",
        retry_after.as_secs()
    )]
    TooManyCalls {
        /// Whose.
        component: String,
        /// Its limit.
        limit: u32,
        /// When to try again.
        retry_after: Duration,
    },
    /// The call took longer than its component may.
    #[error(
        "component `{component}` did not finish within {limit_ms} ms\nhint: raise request_ms_max in [component.{component}.tool.gyre]"
    )]
    Timeout {
        /// Whose.
        component: String,
        /// Its limit.
        limit_ms: u64,
    },
    /// The guest computed for longer than it may.
    #[error(
        "component `{component}` computed for more than {limit_ms} ms\nhint: raise cpu_ms_max in [component.{component}.tool.gyre]"
    )]
    Computing {
        /// Whose.
        component: String,
        /// Its limit.
        limit_ms: u64,
    },
    /// The request says that it is longer than its component takes.
    #[error(
        "component `{component}` takes requests of {limit_bytes} bytes at most\nhint: send less, or raise request_bytes_max in [component.{component}.tool.gyre]"
    )]
    RequestTooLarge {
        /// Whose.
        component: String,
        /// Its limit.
        limit_bytes: u64,
    },
    /// The answer is larger than its component may give.
    #[error(
        "component `{component}` answered with more than {limit_bytes} bytes\nhint: raise response_bytes_max in [component.{component}.tool.gyre]"
    )]
    TooLarge {
        /// Whose.
        component: String,
        /// Its limit.
        limit_bytes: u64,
    },
    /// The guest said that it could not handle a message; what it said may hold anything.
    #[error("component `{component}` refused a message with the error `{kind}`\nhint: its own log says why")]
    MessageRefused {
        /// Whose.
        component: String,
        /// The kind of its error.
        kind: &'static str,
    },
    /// The guest trapped, or broke the protocol. The source is for the log, never for a client.
    #[error("component `{component}` failed\nhint: the log of the host says why, under the same error id")]
    Failed {
        /// Whose.
        component: String,
        /// Why.
        #[source]
        source: wasmtime::Error,
    },
}

impl CallError {
    /// Whether the call was turned away before anything ran.
    pub(crate) fn is_refusal(&self) -> bool {
        match self {
            Self::NotFound(_)
            | Self::TooManyHops { .. }
            | Self::Overloaded { .. }
            | Self::TooManyCalls { .. }
            | Self::RequestTooLarge { .. } => true,
            Self::Timeout { .. }
            | Self::Computing { .. }
            | Self::TooLarge { .. }
            | Self::MessageRefused { .. }
            | Self::Failed { .. } => false,
        }
    }

    /// When to try again, where that helps.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Overloaded { retry_after } | Self::TooManyCalls { retry_after, .. } => Some(*retry_after),
            _ => None,
        }
    }
}
