//! Refusals: what failed, as OpenAI's error object and an HTTP status.

use serde::Deserialize;
use serde_json::{Value, json};

/// An error as clients of the OpenAI wire see it. Its texts are public.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    /// HTTP status.
    pub status: u16,
    /// What failed and how to mend it.
    pub message: String,
    /// OpenAI's class of the error.
    pub kind: String,
    /// The request field at fault.
    pub param: Option<Box<str>>,
    /// Stable name of the error.
    pub code: Option<String>,
    /// When to try again.
    pub retry_after_ms: Option<u64>,
    /// By how much a prompt does not fit, where that is the failure.
    pub overflow: Option<Box<Overflow>>,
}

/// A prompt that does not fit, in tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overflow {
    /// Tokens that fit.
    pub limit: u32,
    /// Tokens asked for.
    pub requested: u32,
}

impl ApiError {
    /// An error with a status and a code.
    pub fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        let kind = match status {
            401 | 403 => "permission_error",
            404 => "not_found_error",
            429 => "rate_limit_error",
            500.. => "server_error",
            _ => "invalid_request_error",
        };
        Self {
            status,
            message: message.into(),
            kind: kind.into(),
            param: None,
            code: Some(code.into()),
            retry_after_ms: None,
            overflow: None,
        }
    }

    /// A 400 about one field of the request.
    pub fn invalid(param: impl Into<Box<str>>, message: impl Into<String>) -> Self {
        Self {
            param: Some(param.into()),
            ..Self::new(400, "invalid_value", message)
        }
    }

    /// Names the field at fault.
    #[must_use]
    pub fn with_param(mut self, param: &str) -> Self {
        self.param = Some(param.into());
        self
    }

    /// `{"error":{…}}`. An overflow is told in the fields that llama.cpp's server has for it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut error = json!({
            "message": self.message,
            "type": self.kind,
            "param": self.param,
            "code": self.code,
        });
        if let Some(Overflow { limit, requested }) = self.overflow.as_deref() {
            error["n_ctx"] = json!(limit);
            error["n_prompt_tokens"] = json!(requested);
        }
        json!({ "error": error })
    }

    /// Value of the header `retry-after`, in whole seconds.
    #[must_use]
    pub fn retry_after_s(&self) -> Option<u64> {
        self.retry_after_ms.map(|ms| ms.div_ceil(1_000).max(1))
    }
}

/// How long to wait for what went away to come back.
const UNAVAILABLE_RETRY_MS: u64 = 1_000;

/// A failure of inference, as `gyre:inference` types it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// No such model.
    ModelNotFound(String),
    /// The model has no such adapter.
    AdapterNotFound(String),
    /// The prompt does not fit.
    ContextTooLong {
        /// Tokens that fit.
        limit_tokens: u32,
        /// Tokens asked for.
        requested_tokens: u32,
    },
    /// Try again later.
    Overloaded {
        /// After this many milliseconds.
        retry_after_ms: u64,
    },
    /// A budget or deadline ended the call.
    BudgetExhausted(String),
    /// The caller went away.
    Cancelled,
    /// Not done here.
    Unsupported(String),
    /// The request is wrong.
    Invalid(String),
    /// What does the work went away; the same request may succeed soon.
    Unavailable(String),
    /// Something broke.
    Internal(String),
}

impl From<Failure> for ApiError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::ModelNotFound(text) => Self::new(404, "model_not_found", text).with_param("model"),
            Failure::AdapterNotFound(text) => Self::new(404, "adapter_not_found", text).with_param("adapter"),
            Failure::ContextTooLong { limit_tokens, requested_tokens } => Self {
                overflow: Some(Box::new(Overflow { limit: limit_tokens, requested: requested_tokens })),
                ..Self::new(
                400,
                "context_length_exceeded",
                format!(
                    "the request needs {requested_tokens} tokens and the model's context holds {limit_tokens}; \
                     hint: shorten the messages or lower max_tokens"
                ),
            )
            .with_param("messages")
            },
            Failure::Overloaded { retry_after_ms } => Self {
                retry_after_ms: Some(retry_after_ms),
                ..Self::new(429, "overloaded", "the model is busy; hint: try again after the time in retry-after")
            },
            Failure::BudgetExhausted(text) => {
                Self { kind: "insufficient_quota".into(), ..Self::new(429, "budget_exhausted", text) }
            }
            Failure::Cancelled => Self::new(499, "cancelled", "the caller went away before the answer was complete"),
            Failure::Unsupported(text) => Self::new(400, "unsupported", text),
            Failure::Invalid(text) => Self::new(400, "invalid_value", text),
            Failure::Unavailable(text) => Self {
                retry_after_ms: Some(UNAVAILABLE_RETRY_MS),
                ..Self::new(503, "unavailable", text)
            },
            Failure::Internal(text) => Self::new(500, "internal", text),
        }
    }
}

/// An answer that is not what this wire says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the model service answered something this client cannot read: {0}")]
pub struct WireError(pub String);

#[derive(Deserialize)]
struct ErrorBody {
    error: ErrorObject,
}

#[derive(Deserialize)]
struct ErrorObject {
    message: String,
    #[serde(rename = "type", default)]
    kind: Option<String>,
    #[serde(default)]
    param: Option<String>,
    #[serde(default)]
    code: Option<Value>,
    #[serde(default)]
    n_ctx: Option<u32>,
    #[serde(default)]
    n_prompt_tokens: Option<u32>,
}

/// Reads the body of an answer whose status is not 2xx. A body that is no error object becomes a message that
/// says so.
#[must_use]
pub fn parse_error(status: u16, body: &[u8]) -> ApiError {
    match serde_json::from_slice::<ErrorBody>(body) {
        Ok(ErrorBody { error }) => from_object(status, error),
        Err(_) => ApiError::new(
            status,
            "unreadable",
            format!("the model service answered status {status} without an error object"),
        ),
    }
}

/// Reads an error object that came inside a stream.
pub(crate) fn parse_stream_error(data: &Value) -> Option<ApiError> {
    let error: ErrorObject = serde_json::from_value(data.get("error")?.clone()).ok()?;
    Some(from_object(500, error))
}

fn from_object(status: u16, error: ErrorObject) -> ApiError {
    let code = match error.code {
        Some(Value::String(code)) => Some(code),
        Some(Value::Null) | None => None,
        Some(other) => Some(other.to_string()),
    };
    let kind = error.kind.unwrap_or_else(|| "server_error".into());
    let overflow = error
        .n_ctx
        .zip(error.n_prompt_tokens)
        .map(|(limit, requested)| Box::new(Overflow { limit, requested }));
    ApiError {
        status,
        message: error.message,
        kind,
        param: error.param.map(Into::into),
        code,
        retry_after_ms: None,
        overflow,
    }
}
