//! wasi-nn's error codes as errors of the port.

use crate::bindings::exports::gyre::inference::chat::Error;
use crate::bindings::exports::gyre::inference::types::ContextOverflow;
use crate::bindings::wasi::nn::errors::{self, ErrorCode};
use serde::Deserialize;

/// How long to wait before trying again, when the host does not say.
const RETRY_AFTER_MS: u64 = 1_000;

/// What the host says of a prompt that does not fit.
#[derive(Deserialize)]
struct Overflow {
    limit: u32,
    requested: u32,
}

/// What the host says of an adapter that is not there.
#[derive(Deserialize)]
struct NoAdapter {
    adapter_not_found: String,
}

/// Why the host gave a call up.
#[derive(Deserialize)]
#[serde(untagged)]
enum GivenUp {
    /// A budget or its deadline.
    Exhausted { budget_exhausted: String },
    /// An overload, or an engine that went away.
    Overload {
        retry_after_ms: u64,
        unavailable: Option<String>,
    },
}

/// The port's error for a failed call of the host.
pub(crate) fn from_host(error: &errors::Error) -> Error {
    translate(error.code(), error.data())
}

fn translate(code: ErrorCode, data: String) -> Error {
    match code {
        ErrorCode::NotFound => match serde_json::from_str(&data) {
            Ok(NoAdapter { adapter_not_found }) => Error::AdapterNotFound(adapter_not_found),
            Err(_) => Error::ModelNotFound(data),
        },
        ErrorCode::Security => Error::ModelNotFound(format!(
            "{data}; hint: grant the model with `ai_models` of the component and `inherit_configuration = [\"ai_models\"]` of this leaf"
        )),
        ErrorCode::TooLarge => match serde_json::from_str::<Overflow>(&data) {
            Ok(Overflow { limit, requested }) => Error::ContextTooLong(ContextOverflow {
                limit_tokens: limit,
                requested_tokens: requested,
            }),
            Err(_) => Error::Invalid(data),
        },
        ErrorCode::Timeout => match serde_json::from_str(&data) {
            Ok(GivenUp::Exhausted { budget_exhausted }) => Error::BudgetExhausted(budget_exhausted),
            Ok(GivenUp::Overload {
                unavailable: Some(text),
                ..
            }) => Error::Unavailable(text),
            Ok(GivenUp::Overload { retry_after_ms, .. }) => Error::Overloaded(retry_after_ms),
            Err(_) => Error::Overloaded(RETRY_AFTER_MS),
        },
        ErrorCode::InvalidArgument | ErrorCode::InvalidEncoding => Error::Invalid(data),
        ErrorCode::UnsupportedOperation => Error::Unsupported(data),
        ErrorCode::RuntimeError | ErrorCode::Unknown => Error::Internal(data),
    }
}

/// The host broke the tensor protocol.
pub(crate) fn protocol(what: impl std::fmt::Display) -> Error {
    Error::Internal(format!(
        "the host's engine broke its tensor protocol: {what}; hint: host and leaf must be of one release"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_error() {
        let check = |code, data: &str, wanted: &str| {
            assert_eq!(format!("{:?}", translate(code, data.into())), wanted, "{code:?}");
        };
        check(ErrorCode::NotFound, "no m", r#"Error::ModelNotFound("no m")"#);
        check(
            ErrorCode::NotFound,
            r#"{"adapter_not_found":"no a"}"#,
            r#"Error::AdapterNotFound("no a")"#,
        );
        check(
            ErrorCode::Timeout,
            r#"{"budget_exhausted":"spent"}"#,
            r#"Error::BudgetExhausted("spent")"#,
        );
        check(
            ErrorCode::TooLarge,
            r#"{"limit":8,"requested":9}"#,
            "Error::ContextTooLong(ContextOverflow { limit-tokens: 8, requested-tokens: 9 })",
        );
        check(ErrorCode::TooLarge, "texts", r#"Error::Invalid("texts")"#);
        check(ErrorCode::Timeout, "busy", "Error::Overloaded(1000)");
        check(
            ErrorCode::Timeout,
            r#"{"retry_after_ms":50}"#,
            "Error::Overloaded(50)",
        );
        check(
            ErrorCode::Timeout,
            r#"{"retry_after_ms":50,"unavailable":"died"}"#,
            r#"Error::Unavailable("died")"#,
        );
        check(ErrorCode::InvalidArgument, "x", r#"Error::Invalid("x")"#);
        check(ErrorCode::InvalidEncoding, "x", r#"Error::Invalid("x")"#);
        check(ErrorCode::UnsupportedOperation, "x", r#"Error::Unsupported("x")"#);
        check(ErrorCode::RuntimeError, "x", r#"Error::Internal("x")"#);
        check(ErrorCode::Unknown, "x", r#"Error::Internal("x")"#);
        assert!(format!("{:?}", translate(ErrorCode::Security, "no".into())).contains("ai_models"));
    }
}
