//! Refusals and failures. The protocol has no shape for them.

use gyre_chat_wire::ApiError;
use serde_json::{Value, json};

/// The body of an answer whose status is the error's. Stock Spin looks at no status: it reads every body as an answer
/// and hands the reader's complaint to the guest. So the message stands where that reader expects the usage: its
/// complaint then quotes the message. Other clients read `error`.
#[must_use]
pub fn error_json(error: &ApiError) -> Value {
    json!({ "error": error.to_json()["error"], "usage": error.message })
}
