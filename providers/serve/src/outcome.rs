//! What became of a call, in the words of labels: closed sets.

use crate::CallError;

/// How a call may end, as labels.
pub(crate) const OUTCOMES: [&str; 6] = ["ok", "failed", "timeout", "cpu", "too_large", "cancelled"];

/// The place of `cancelled` among the outcomes: its caller went away.
pub(crate) const CANCELLED: &str = OUTCOMES[5];

/// How a call that ran ended, as a label.
pub(crate) fn outcome(ended: Result<(), &CallError>) -> &'static str {
    match ended {
        Ok(()) => "ok",
        Err(CallError::Timeout { .. }) => "timeout",
        Err(CallError::Computing { .. }) => "cpu",
        Err(CallError::TooLarge { .. }) => "too_large",
        Err(_) => "failed",
    }
}

/// Why no sandbox was made, as a label; nothing when one was.
pub(crate) fn refusal(error: &CallError) -> Option<&'static str> {
    match error {
        CallError::NotFound(_) => Some("not_found"),
        CallError::TooManyHops { .. } => Some("hops"),
        CallError::Overloaded { .. } => Some("overloaded"),
        CallError::TooManyCalls { .. } => Some("calls"),
        CallError::RequestTooLarge { .. } => Some("request_too_large"),
        CallError::Timeout { .. }
        | CallError::Computing { .. }
        | CallError::TooLarge { .. }
        | CallError::MessageRefused { .. }
        | CallError::Failed { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn every_refusal_and_every_outcome_has_its_label() {
        let failed = || CallError::Failed {
            component: "a".to_owned(),
            source: wasmtime::format_err!("trap"),
        };
        let timeout = || CallError::Timeout {
            component: "a".to_owned(),
            limit_ms: 1,
        };
        let too_large = || CallError::TooLarge {
            component: "a".to_owned(),
            limit_bytes: 1,
        };
        let overloaded = CallError::Overloaded {
            retry_after: Duration::ZERO,
        };
        let hops = CallError::TooManyHops {
            component: "a".to_owned(),
            limit: 1,
        };
        for (error, expected) in [
            (overloaded, Some("overloaded")),
            (hops, Some("hops")),
            (CallError::NotFound("a".to_owned()), Some("not_found")),
            (failed(), None),
            (timeout(), None),
        ] {
            assert_eq!(refusal(&error), expected, "{error}");
        }
        for (ended, expected) in [
            (Ok(()), "ok"),
            (Err(failed()), "failed"),
            (Err(timeout()), "timeout"),
            (Err(too_large()), "too_large"),
        ] {
            assert_eq!(outcome(ended.as_ref().copied()), expected);
            assert!(OUTCOMES.contains(&expected));
        }
    }
}
