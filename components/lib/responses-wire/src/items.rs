//! Items of an answer: what the model said and which tools it calls.

use crate::logprobs;
use gyre_chat_wire::{Logprobs, ToolCall};
use serde_json::{Value, json};

/// How far an item has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    Going,
    Complete,
    /// It was cut: by a budget, a filter or a failure.
    Cut,
}

impl Progress {
    fn as_str(self) -> &'static str {
        match self {
            Self::Going => "in_progress",
            Self::Complete => "completed",
            Self::Cut => "incomplete",
        }
    }
}

/// A message of these parts.
pub(crate) fn message(id: &str, parts: &[Value], progress: Progress) -> Value {
    json!({
        "type": "message",
        "id": id,
        "role": "assistant",
        "status": progress.as_str(),
        "content": parts,
    })
}

/// A part of a message.
pub(crate) fn text_part(text: &str, tokens: &[Logprobs]) -> Value {
    json!({ "type": "output_text", "text": text, "annotations": [], "logprobs": logprobs::json(tokens) })
}

/// Arguments of a call that has none: an empty object, for clients parse them.
pub(crate) const NO_ARGUMENTS: &str = "{}";

/// A call of a tool.
pub(crate) fn call(id: &str, call: &ToolCall, progress: Progress) -> Value {
    json!({
        "type": "function_call",
        "id": id,
        "call_id": call.id,
        "name": call.name,
        "arguments": if call.arguments.is_empty() && progress == Progress::Complete {
            NO_ARGUMENTS
        } else {
            &call.arguments
        },
        "status": progress.as_str(),
    })
}
