//! Refusals and failures as this API tells them: `{"error": "…"}`, whole or as the last line of a stream.

use gyre_chat_wire::ApiError;
use serde_json::{Value, json};

/// The body of an answer whose status is the error's.
#[must_use]
pub fn error_json(error: &ApiError) -> Value {
    json!({ "error": error.message })
}

/// What answers did not keep to its wire.
pub(crate) fn out_of_place(what: &str) -> ApiError {
    ApiError::new(502, "unreadable", format!("the model service {what}"))
}
