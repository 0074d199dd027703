//! What a server refuses (`google.rpc.Status`), as an error whose code says the same for every provider.

use gyre_chat_wire::{ApiError, Overflow};
use serde::Deserialize;
use serde_json::Value;

/// More than any answer to a wish to wait is waited for.
const RETRY_AFTER_MS_MAX: u64 = 3_600_000;

#[derive(Deserialize)]
struct Status {
    #[serde(default)]
    code: Option<u16>,
    #[serde(default)]
    message: String,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    details: Vec<Value>,
}

/// Reads the body of an answer whose status is not 2xx. `retry_after` is the header of that name, in seconds; a
/// `RetryInfo` in the body goes before it.
#[must_use]
pub fn parse_error(status: u16, body: &[u8], retry_after: Option<&str>) -> ApiError {
    let object = serde_json::from_slice::<Value>(body).ok();
    let object = object.as_ref().and_then(error_object);
    let mut error = match object.map(Status::deserialize) {
        Some(Ok(object)) => from_status(status, object),
        _ => ApiError::new(
            status,
            "unreadable",
            format!("the model service answered status {status} without an error object"),
        ),
    };
    let header = || seconds_ms(retry_after?);
    error.retry_after_ms = error.retry_after_ms.or_else(header);
    error
}

/// Reads an error that came in place of a chunk.
pub(crate) fn from_stream(data: &Value) -> Option<ApiError> {
    let object = error_object(data)?;
    Some(match Status::deserialize(object) {
        Ok(object) => from_status(object.code.unwrap_or(500), object),
        Err(_) => {
            let text = "the model service reported a failure in its stream without an error object";
            ApiError::new(500, "unreadable", text)
        }
    })
}

/// `error` of an object, or of the only one of a list: some methods answer with a list.
fn error_object(data: &Value) -> Option<&Value> {
    match data {
        Value::Array(list) if list.len() == 1 => list[0].get("error"),
        other => other.get("error"),
    }
}

fn from_status(status: u16, object: Status) -> ApiError {
    let bad_key = detail(&object.details, "ErrorInfo")
        .is_some_and(|it| it.get("reason").and_then(Value::as_str) == Some("API_KEY_INVALID"));
    let retry = detail(&object.details, "RetryInfo")
        .and_then(|it| it.get("retryDelay"))
        .and_then(Value::as_str)
        .and_then(|delay| seconds_ms(delay.strip_suffix('s')?));
    let overflow = overflow(&object.message);
    let (status, code) = match object.status.as_deref().unwrap_or_default() {
        // The API says 400 of a wrong key, and every other provider 401.
        "INVALID_ARGUMENT" if bad_key => (401, "invalid_api_key"),
        "INVALID_ARGUMENT" if overflow.is_some() => (status, "context_length_exceeded"),
        "INVALID_ARGUMENT" | "FAILED_PRECONDITION" | "OUT_OF_RANGE" => (status, "invalid_request_error"),
        "UNAUTHENTICATED" => (status, "invalid_api_key"),
        "PERMISSION_DENIED" => (status, "permission_denied"),
        "NOT_FOUND" => (status, "model_not_found"),
        "RESOURCE_EXHAUSTED" => (status, "rate_limit_exceeded"),
        "UNAVAILABLE" => (status, "unavailable"),
        "DEADLINE_EXCEEDED" => (status, "timeout"),
        "UNIMPLEMENTED" => (status, "unsupported"),
        _ => (status, "internal"),
    };
    ApiError {
        retry_after_ms: retry,
        overflow: overflow.map(Box::new),
        ..ApiError::new(status, code, object.message)
    }
}

fn detail<'a>(details: &'a [Value], name: &str) -> Option<&'a Value> {
    let is = |detail: &&Value| {
        let kind = detail.get("@type").and_then(Value::as_str).unwrap_or_default();
        kind.rsplit('.').next() == Some(name)
    };
    details.iter().find(is)
}

/// The numbers of "The input token count (1091639) exceeds the maximum number of tokens allowed (1048576).", which no
/// field has.
fn overflow(message: &str) -> Option<Overflow> {
    let number = |after: &str| -> Option<u32> {
        let (_, rest) = message.split_once(after)?;
        rest.split_once(')')?.0.parse().ok()
    };
    Some(Overflow {
        requested: number("input token count (")?,
        limit: number("tokens allowed (")?,
    })
}

fn seconds_ms(text: &str) -> Option<u64> {
    let seconds: f64 = text.trim().parse().ok()?;
    if !seconds.is_finite() || seconds < 0.0 {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a wait of no negative length, bounded just after"
    )]
    let ms = (seconds * 1_000.0).ceil() as u64;
    Some(ms.clamp(1, RETRY_AFTER_MS_MAX))
}
