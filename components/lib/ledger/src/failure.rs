//! Why a call of the ledger failed, and what a caller of the service is told.

use gyre_agent_wire::Problem;

/// Mirrors the port's error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The stream has this many events, not as many as expected.
    #[error("the stream has {0} events, not as many as expected")]
    Conflict(u64),
    /// Wrong or beyond a limit.
    #[error("{0}")]
    Invalid(String),
    /// Not granted, full or busy.
    #[error("{0}")]
    Unavailable(String),
    /// The store failed.
    #[error("{0}")]
    Internal(String),
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        let text = failure.to_string();
        // The port's texts are public and end with their cure.
        let (detail, hint) = text.split_once("; hint: ").unwrap_or((&text, ""));
        let told = |status, kind, default: &str| {
            Self::new(status, kind, detail, if hint.is_empty() { default } else { hint })
        };
        match failure {
            Failure::Conflict(_) => told(409, "conflict", "someone else wrote at the same time: try again"),
            Failure::Invalid(_) => told(422, "not-storable", "send less, or divide it"),
            Failure::Unavailable(_) => told(503, "store-unavailable", "try again in a moment"),
            Failure::Internal(_) => told(500, "store-failed", "see the log of `gyre up`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_is_a_problem_with_a_cure() {
        for (failure, status, hint) in [
            (Failure::Conflict(3), 409, "try again"),
            (
                Failure::Invalid("too long; hint: shorten it".into()),
                422,
                "shorten it",
            ),
            (Failure::Unavailable("busy".into()), 503, "in a moment"),
            (Failure::Internal("broken".into()), 500, "the log"),
        ] {
            let problem = Problem::from(failure);
            assert_eq!(problem.status, status);
            assert!(problem.hint.contains(hint), "{problem:?}");
            assert!(!problem.detail.contains("hint"), "{problem:?}");
        }
    }
}
