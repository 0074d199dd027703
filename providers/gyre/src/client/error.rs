//! Why a client verb came to nothing.

use crate::exit::Exit;
use gyre_agent_wire::FoldError;

/// Kinds of failure that mean: what is needed is not there, try again when it is.
const UNAVAILABLE_KINDS: [&str; 2] = ["model-not-found", "overloaded"];
/// The same for each service: `retrieval-unavailable`, `model-unavailable`, …
const UNAVAILABLE_SUFFIX: &str = "unavailable";
const SERVICE_UNAVAILABLE: u16 = 503;

/// A failure as its user sees it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Nothing listens there.
    #[error("no server at {url}; hint: start one with `gyre up`, or name another with --url")]
    Unreachable {
        /// Where.
        url: String,
    },
    /// No operators' socket answers there.
    #[error(
        "no operators' socket at {url}; hint: start `gyre up` or `gyre serve-model` with --admin ADDR, and give that address here"
    )]
    NoAdmin {
        /// Where.
        url: String,
    },
    /// The server said what is wrong.
    #[error("{detail}{}{hint}", if hint.is_empty() { "" } else { "; hint: " })]
    Problem {
        /// HTTP status.
        status: u16,
        /// The kind, in kebab-case, or empty.
        kind: String,
        /// What failed.
        detail: String,
        /// The cure, or empty.
        hint: String,
    },
    /// Some other server answers there.
    #[error("{url} answered {status} with {media_type}; hint: is this a gyre? name one with --url")]
    Foreign {
        /// Where.
        url: String,
        /// HTTP status.
        status: u16,
        /// Media type of the answer.
        media_type: String,
    },
    /// The answer is JSON, but not as expected.
    #[error("the answer of {url} cannot be read; hint: are this gyre and the server of one version?")]
    Unreadable {
        /// Where.
        url: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The answer is too large.
    #[error("the answer of {url} is larger than {limit_bytes} bytes; hint: ask for less")]
    TooLarge {
        /// Where.
        url: String,
        /// The limit.
        limit_bytes: usize,
    },
    /// The answer did not come to its end.
    #[error("the answer was cut, what was printed is not whole; hint: try again; the server's log says why")]
    Cut(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The run said that it failed.
    #[error("{message}{}{hint}", if hint.is_empty() { "" } else { "; hint: " })]
    Failed {
        /// The kind, in kebab-case.
        kind: String,
        /// What failed.
        message: String,
        /// The cure, or empty.
        hint: String,
    },
    /// The time that the user gave is over.
    #[error(
        "no whole answer within {seconds} s; hint: the server's log may say why; `gyre chat --timeout` gives it longer"
    )]
    Timeout {
        /// How long.
        seconds: u64,
    },
    /// Ctrl-C.
    #[error("interrupted")]
    Interrupted,
    /// The HTTP client failed in another way.
    #[error("the request to {url} failed; hint: `gyre doctor` checks the server")]
    Http {
        /// Where.
        url: String,
        /// Why.
        #[source]
        source: reqwest::Error,
    },
}

impl Error {
    /// Its exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Unreachable { .. }
            | Self::NoAdmin { .. }
            | Self::Problem {
                status: SERVICE_UNAVAILABLE,
                ..
            } => Exit::Unavailable,
            Self::Problem { kind, .. } | Self::Failed { kind, .. } if is_unavailable(kind) => {
                Exit::Unavailable
            }
            Self::Interrupted => Exit::Interrupted,
            Self::Problem { .. }
            | Self::Failed { .. }
            | Self::Foreign { .. }
            | Self::Unreadable { .. }
            | Self::TooLarge { .. }
            | Self::Cut(_)
            | Self::Timeout { .. }
            | Self::Http { .. } => Exit::Failed,
        }
    }
}

fn is_unavailable(kind: &str) -> bool {
    UNAVAILABLE_KINDS.contains(&kind) || kind.ends_with(UNAVAILABLE_SUFFIX)
}

impl From<FoldError> for Error {
    fn from(error: FoldError) -> Self {
        match error {
            FoldError::Failed { kind, message, hint } => Self::Failed { kind, message, hint },
            other => Self::Cut(other.into()),
        }
    }
}
