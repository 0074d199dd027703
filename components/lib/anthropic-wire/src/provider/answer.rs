//! Whole messages.

use crate::wire::UsageBody;
use gyre_chat_wire::{Choice, Completion, FinishReason, ToolCall, Usage, WireError};
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize)]
struct Body {
    id: String,
    model: String,
    content: Vec<Block>,
    stop_reason: Option<String>,
    usage: UsageBody,
}

/// A content block, whole or as a stream begins it.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Block {
    /// Text.
    Text {
        /// What there is of it.
        #[serde(default)]
        text: String,
    },
    /// A call of a tool.
    ToolUse {
        id: String,
        name: String,
        #[serde(default)]
        input: Map<String, Value>,
    },
    /// Thoughts, which there is no place for.
    Thinking {},
    /// Thoughts that are not shown.
    RedactedThinking {},
}

/// Reads the answer to a request that was no stream. `created_s`, in seconds since the Unix epoch, is when it came: the
/// API does not tell.
pub fn parse_message(body: &[u8], created_s: u64) -> Result<Completion, WireError> {
    let body: Body =
        serde_json::from_slice(body).map_err(|error| WireError(format!("a message: {error}")))?;
    let mut content = String::new();
    let mut tool_calls = Vec::new();
    for block in body.content {
        match block {
            Block::Text { text } => content.push_str(&text),
            Block::ToolUse { id, name, input } => tool_calls.push(ToolCall {
                id,
                name,
                arguments: Value::Object(input).to_string(),
            }),
            Block::Thinking {} | Block::RedactedThinking {} => {}
        }
    }
    let reason = body.stop_reason.as_deref();
    let reason = reason.ok_or_else(|| WireError("a message without its stop reason".into()))?;
    Ok(Completion {
        id: body.id,
        created: created_s,
        model: body.model,
        choice: Choice {
            content,
            tool_calls,
            logprobs: Vec::new(),
            finish_reason: finish_reason(reason)?,
        },
        usage: Usage::from(body.usage),
    })
}

/// Why a message ended. `pause_turn` comes only of tools that Anthropic's servers run, which were not asked for.
pub(super) fn finish_reason(reason: &str) -> Result<FinishReason, WireError> {
    match reason {
        "end_turn" | "stop_sequence" => Ok(FinishReason::Stop),
        "max_tokens" | "model_context_window_exceeded" => Ok(FinishReason::Length),
        "tool_use" => Ok(FinishReason::ToolCalls),
        "refusal" => Ok(FinishReason::ContentFilter),
        other => {
            let other: String = other.chars().take(64).collect();
            Err(WireError(format!("a message with the stop reason {other:?}")))
        }
    }
}
