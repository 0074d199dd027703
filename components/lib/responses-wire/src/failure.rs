//! Failures, in the words of this API.

use gyre_chat_wire::ApiError;
use serde_json::{Value, json};

/// An error of what answers, whose fields are those of chat completions, in the terms of this API.
#[must_use]
pub fn in_terms_of_responses(mut error: ApiError) -> ApiError {
    let field = error.param.as_deref().map(|param| {
        // Below the field nothing stands where it did.
        let (field, _) = param.split_at(param.find(['[', '.']).unwrap_or(param.len()));
        match field {
            "messages" => "input",
            "max_tokens" | "max_completion_tokens" => "max_output_tokens",
            "response_format" => "text.format",
            _ => param,
        }
    });
    error.param = field.map(Into::into);
    error
}

/// The member `error` of a response that failed. Its codes are a closed list; the message says more.
pub(crate) fn member(error: &ApiError) -> Value {
    let code = match error.status {
        429 => "rate_limit_exceeded",
        400..=499 => "invalid_prompt",
        _ => "server_error",
    };
    json!({ "code": code, "message": error.message })
}

/// The event `error`, without its number. Documented are the fields at the top; OpenAI's servers send them below `error`,
/// which is what makes its clients raise. Both are there.
pub(crate) fn event(error: &ApiError) -> Value {
    json!({
        "code": error.code,
        "message": error.message,
        "param": error.param,
        "error": error.to_json()["error"],
    })
}
