//! Failures of the neighbours, as the client of a run is told of them.

use gyre_agent_loop::Failure;
use gyre_chat_wire::{ApiError, StreamError};

const LOG_HINT: &str = "see the log of `gyre up` for this request id, and run `gyre doctor`";

/// The model refused, before or while it answered.
#[must_use]
pub fn refused(error: &ApiError) -> Failure {
    let code = error.code.as_deref().unwrap_or_default();
    // A cure that came along is the better one where the kind says little.
    let (message, own) = error
        .message
        .split_once("; hint: ")
        .unwrap_or((&error.message, ""));
    let (kind, hint) = match (error.status, code) {
        (_, "adapter_not_found") => ("adapter-not-found", "name an adapter that the model has, or none"),
        (_, "budget_exhausted") => ("budget-exhausted", "ask for less at once, or allow it more"),
        (404, _) | (_, "model_not_found") => ("model-not-found", "name a model of GET /v1/models"),
        (_, "context_length_exceeded") => (
            "context-too-long",
            "ask more briefly, with fewer earlier messages, or in a new session",
        ),
        (_, "unsupported") => (
            "model-cannot",
            "use a chat model: `gyre up --model FILE.gguf`, or name one of GET /v1/models",
        ),
        (_, "unavailable") => ("model-unavailable", "ask again in a moment"),
        (429 | 503, _) => ("overloaded", "try again in a moment"),
        (504, _) => ("deadline", "ask for less at once, or use a smaller model"),
        (400..=499, _) => ("invalid-request", "change the request as the message says"),
        _ => ("model-failed", LOG_HINT),
    };
    let kept = [
        "model-not-found",
        "adapter-not-found",
        "budget-exhausted",
        "invalid-request",
        "model-failed",
    ];
    let told = if kept.contains(&kind) && !own.is_empty() {
        own
    } else {
        hint
    };
    Failure::new(kind, message, told)
}

/// The model's answer is not whole.
#[must_use]
pub fn broken(error: &StreamError) -> Failure {
    match error {
        StreamError::Failed(error) => refused(error),
        StreamError::Cut => Failure::new("cut", error.to_string(), "ask again"),
        StreamError::Unreadable(_) | StreamError::TooLong(_) => {
            Failure::new("model-failed", error.to_string(), LOG_HINT)
        }
    }
}

/// The model service did not answer.
pub fn no_model(what: impl Into<String>) -> Failure {
    Failure::new("model-unavailable", what, LOG_HINT)
}

/// There are no passages, because the search failed.
pub fn no_passages(what: impl Into<String>) -> Failure {
    Failure::new("retrieval-unavailable", what, LOG_HINT)
}

/// The session could not be read or written.
pub fn no_memory(what: impl Into<String>) -> Failure {
    Failure::new("memory-unavailable", what, LOG_HINT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_have_kinds() {
        for (status, code, kind) in [
            (404, "model_not_found", "model-not-found"),
            (404, "adapter_not_found", "adapter-not-found"),
            (429, "budget_exhausted", "budget-exhausted"),
            (400, "context_length_exceeded", "context-too-long"),
            (400, "unsupported", "model-cannot"),
            (429, "overloaded", "overloaded"),
            (503, "", "overloaded"),
            (503, "unavailable", "model-unavailable"),
            (400, "invalid_value", "invalid-request"),
            (500, "internal", "model-failed"),
        ] {
            assert_eq!(
                refused(&ApiError::new(status, code, "m")).kind,
                kind,
                "{status} {code}"
            );
        }
        assert_eq!(broken(&StreamError::Cut).kind, "cut");
        let told = |code| refused(&ApiError::new(400, code, "what; hint: its own"));
        assert_eq!(
            (told("").message.as_str(), told("").hint.as_str()),
            ("what", "its own")
        );
        assert!(told("unsupported").hint.contains("gyre up --model"));
    }
}
