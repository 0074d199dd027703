//! From how a run failed to what a client without a stream is told.

use gyre_agent_wire::{FoldError, Problem};

/// The cure for a run that was cut.
pub const CUT_HINT: &str = "ask again; if it happens again, see the log of `gyre up` for this request id";

/// The problem for a run without an answer.
#[must_use]
pub fn problem(error: FoldError) -> Problem {
    match error {
        FoldError::Failed { kind, message, hint } => Problem::new(status(&kind), &kind, message, hint),
        FoldError::Cut => Problem::new(502, "cut", error.to_string(), CUT_HINT),
        FoldError::TooLarge => Problem::new(
            502,
            "answer-too-large",
            error.to_string(),
            r#"ask for less, or with "stream": true"#,
        ),
    }
}

/// The status of a kind of failure.
fn status(kind: &str) -> u16 {
    match kind {
        "model-not-found" => 404,
        "invalid-request" | "context-too-long" => 422,
        "overloaded" | "journal-unavailable" => 503,
        "deadline" => 504,
        "internal" => 500,
        _ => 502,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_have_statuses() {
        let failed = |kind: &str| FoldError::Failed {
            kind: kind.into(),
            message: "m".into(),
            hint: "h".into(),
        };
        for (error, status, kind) in [
            (failed("model-not-found"), 404, "model-not-found"),
            (failed("overloaded"), 503, "overloaded"),
            (failed("journal-unavailable"), 503, "journal-unavailable"),
            (failed("something-new"), 502, "something-new"),
            (FoldError::Cut, 502, "cut"),
            (FoldError::TooLarge, 502, "answer-too-large"),
        ] {
            let problem = problem(error);
            assert_eq!((problem.status, problem.kind()), (status, kind));
            assert!(!problem.hint.is_empty());
        }
    }
}
