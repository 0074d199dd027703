//! The error resource: a code and a public text, or JSON where a number matters.

use gyre_engine_ipc::EngineError;
use serde_json::json;

pub(crate) use crate::bindings::wasi::nn::errors::ErrorCode;

/// What a guest sees of a failure.
#[derive(Clone, Debug, PartialEq)]
#[expect(unreachable_pub, reason = "the bindings re-export it")]
pub struct Failure {
    pub(crate) code: ErrorCode,
    pub(crate) data: String,
}

impl Failure {
    pub(crate) fn new(code: ErrorCode, data: impl Into<String>) -> Self {
        Self {
            code,
            data: data.into(),
        }
    }

    pub(crate) fn argument(data: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidArgument, data)
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        let code = match &error {
            EngineError::ModelNotFound { .. } => ErrorCode::NotFound,
            // A guest that named both, a model and an adapter, is told which of them is not there.
            EngineError::AdapterNotFound { .. } => {
                let data = json!({ "adapter_not_found": told(&error) });
                return Self::new(ErrorCode::NotFound, data.to_string());
            }
            EngineError::BudgetExhausted { .. } | EngineError::DeadlineExceeded => {
                let data = json!({ "budget_exhausted": told(&error) });
                return Self::new(ErrorCode::Timeout, data.to_string());
            }
            EngineError::ContextTooLong {
                limit_tokens,
                requested_tokens,
            } => {
                let data = json!({ "limit": limit_tokens, "requested": requested_tokens });
                return Self::new(ErrorCode::TooLarge, data.to_string());
            }
            EngineError::Overloaded { retry_after_ms } => {
                return Self::new(
                    ErrorCode::Timeout,
                    json!({ "retry_after_ms": retry_after_ms }).to_string(),
                );
            }
            EngineError::WorkerDied { .. } => {
                let unavailable = told(&error);
                let retry_after_ms = error.retry_after_ms();
                let data = json!({ "retry_after_ms": retry_after_ms, "unavailable": unavailable });
                return Self::new(ErrorCode::Timeout, data.to_string());
            }
            EngineError::Invalid { message } => return Self::argument(message),
            EngineError::ModelInvalid { .. }
            | EngineError::OutOfMemory { .. }
            | EngineError::TooManyModels { .. }
            | EngineError::NoOnnxRuntime { .. }
            | EngineError::NoMemory { .. }
            | EngineError::Internal { .. } => ErrorCode::RuntimeError,
            EngineError::Cancelled => ErrorCode::Unknown,
        };
        Self::new(code, told(&error))
    }
}

/// What failed, with its cure.
fn told(error: &EngineError) -> String {
    format!("{error}; hint: {}", error.hint())
}

#[cfg(test)]
mod tests {
    use super::*;
    use gyre_engine_ipc::BudgetKind;

    #[test]
    fn numbers_go_as_json_and_texts_carry_their_cure() {
        let check = |error: EngineError, code, data: &str| {
            let failure = Failure::from(error);
            assert_eq!(failure.code, code, "{failure:?}");
            assert!(failure.data.contains(data), "{failure:?}");
        };
        check(
            EngineError::ContextTooLong {
                limit_tokens: 8,
                requested_tokens: 9,
            },
            ErrorCode::TooLarge,
            r#"{"limit":8,"requested":9}"#,
        );
        check(
            EngineError::Overloaded { retry_after_ms: 50 },
            ErrorCode::Timeout,
            r#"{"retry_after_ms":50}"#,
        );
        let missing = EngineError::ModelNotFound {
            model: "m".into(),
            available: Vec::new(),
        };
        check(missing, ErrorCode::NotFound, "hint: run `cargo xtask setup`");
        let adapter = EngineError::AdapterNotFound {
            model: "m".into(),
            adapter: "bard".into(),
            available: vec!["poet".into()],
        };
        check(
            adapter,
            ErrorCode::NotFound,
            r#"{"adapter_not_found":"the model `m` has no adapter `bard`"#,
        );
        let spent = EngineError::BudgetExhausted {
            budget: BudgetKind::Time,
        };
        check(
            spent,
            ErrorCode::Timeout,
            r#"{"budget_exhausted":"the budget `time_ms_max`"#,
        );
        check(
            EngineError::DeadlineExceeded,
            ErrorCode::Timeout,
            r#"{"budget_exhausted":"the deadline"#,
        );
        let died = EngineError::WorkerDied { reason: "x".into() };
        check(died.clone(), ErrorCode::Timeout, "safe for embeddings");
        check(died, ErrorCode::Timeout, r#""retry_after_ms":1000"#);
    }
}
