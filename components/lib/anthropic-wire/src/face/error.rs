//! Refusals in Anthropic's shape.

use gyre_chat_wire::ApiError;
use serde_json::{Value, json};

/// The HTTP status of a refusal. Anthropic tells an overload by 529 and a spent budget by 402, which its clients do
/// not send again at once as they do after 429.
#[must_use]
pub fn status_of(error: &ApiError) -> u16 {
    match kind(error) {
        "overloaded_error" => 529,
        "billing_error" => 402,
        _ => error.status,
    }
}

/// The body of a refusal: `{"type":"error","error":{…},"request_id":…}`.
#[must_use]
pub fn render_error(error: &ApiError, request_id: Option<&str>) -> Value {
    let mut object = json!({ "type": kind(error), "message": error.message });
    let mut details = json!({});
    if let Some(code) = &error.code {
        details["error_code"] = json!(code);
    }
    if let Some(param) = &error.param {
        details["param"] = json!(param);
    }
    if details != json!({}) {
        object["details"] = details;
    }
    json!({ "type": "error", "error": object, "request_id": request_id })
}

/// The event that ends a stream which failed. No `message_stop` may follow it.
#[must_use]
pub fn error_event(error: &ApiError, request_id: Option<&str>) -> String {
    format!("event: error\ndata: {}\n\n", render_error(error, request_id))
}

/// Anthropic's class of an error.
fn kind(error: &ApiError) -> &'static str {
    let code = error.code.as_deref().unwrap_or_default();
    if code == "overloaded" || error.status == 529 {
        return "overloaded_error";
    }
    let spent = |text: &str| matches!(text, "insufficient_quota" | "budget_exhausted");
    if spent(code) || spent(&error.kind) {
        return "billing_error";
    }
    match error.status {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        408 | 504 => "timeout_error",
        409 => "conflict_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        400..=498 => "invalid_request_error",
        _ => "api_error",
    }
}
