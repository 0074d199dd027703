//! What a server refuses, as an error whose code says the same for every provider.

use gyre_chat_wire::{ApiError, Overflow};
use serde::Deserialize;
use serde_json::Value;

/// More than any answer to `retry-after` is waited for.
const RETRY_AFTER_MS_MAX: u64 = 3_600_000;

#[derive(Deserialize)]
struct Body {
    error: Object,
}

#[derive(Deserialize)]
struct Object {
    #[serde(rename = "type")]
    kind: String,
    message: String,
}

/// Reads the body of an answer whose status is not 2xx. `retry_after` is the header of that name; a date in it is as
/// good as nothing, as the clocks of two machines differ.
#[must_use]
pub fn parse_error(status: u16, body: &[u8], retry_after: Option<&str>) -> ApiError {
    let mut error = match serde_json::from_slice::<Body>(body) {
        Ok(Body { error }) => from_object(status, error),
        Err(_) => ApiError::new(
            status,
            if status == 529 { "overloaded" } else { "unreadable" },
            format!("the model service answered status {status} without an error object"),
        ),
    };
    error.retry_after_ms = retry_after.and_then(retry_ms);
    error
}

/// Reads the data of an `error` event: the status that would have come without a stream stands for it.
pub(super) fn from_stream(data: &Value) -> ApiError {
    let object = data.get("error").cloned().unwrap_or_default();
    match serde_json::from_value::<Object>(object) {
        Ok(object) => from_object(status_of(&object.kind), object),
        Err(_) => {
            let text = "the model service reported a failure in its stream without an error object";
            ApiError::new(500, "unreadable", text)
        }
    }
}

fn status_of(kind: &str) -> u16 {
    match kind {
        "invalid_request_error" => 400,
        "authentication_error" => 401,
        "billing_error" => 402,
        "permission_error" => 403,
        "not_found_error" => 404,
        "conflict_error" => 409,
        "request_too_large" => 413,
        "rate_limit_error" => 429,
        "timeout_error" => 504,
        "overloaded_error" => 529,
        _ => 500,
    }
}

fn from_object(status: u16, object: Object) -> ApiError {
    let Object { kind, message } = object;
    let overflow = overflow(&message);
    let code = match kind.as_str() {
        "overloaded_error" => "overloaded",
        "rate_limit_error" => "rate_limit_exceeded",
        "billing_error" => "insufficient_quota",
        "not_found_error" => "model_not_found",
        "invalid_request_error" if overflow.is_some() => "context_length_exceeded",
        other => other,
    };
    ApiError {
        overflow: overflow.map(Box::new),
        ..ApiError::new(status, code, message)
    }
}

/// The numbers of "prompt is too long: 210000 tokens > 200000 maximum" and of "input length and `max_tokens` exceed
/// context limit: 190000 + 20000 > 200000, …", which no field has.
fn overflow(message: &str) -> Option<Overflow> {
    let told = |after: &str| message.split_once(after)?.1.split_once('>');
    let (needs, limit) = told("prompt is too long:").or_else(|| told("exceed context limit:"))?;
    let number = |text: &str| text.trim_end_matches("tokens ").trim().parse::<u32>().ok();
    let needed = needs.split('+').map(number);
    let digits = limit.trim_start();
    let end = digits
        .find(|it: char| !it.is_ascii_digit())
        .unwrap_or(digits.len());
    Some(Overflow {
        limit: digits[..end].parse().ok()?,
        requested: needed.sum::<Option<u32>>()?,
    })
}

fn retry_ms(header: &str) -> Option<u64> {
    let seconds: f64 = header.trim().parse().ok()?;
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
