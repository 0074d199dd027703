//! Whole messages, and what they share with streamed ones: usage and the reason of the end.

use crate::wire;
use gyre_chat_wire::{ApiError, Completion, FinishReason, ToolCall, Usage};
use serde_json::{Value, json};

/// What an answer needs beside what the model said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Id of the message, `msg_…`.
    pub id: String,
    /// The model that was asked for: named where a stream does not name one.
    pub model: String,
    /// At most one tool call: what the model asks for beyond it is left out, as the request wants it.
    pub single_tool_use: bool,
}

/// The body of the answer to a request for a whole message. It fails where the model's answer cannot be told, as when
/// arguments of a tool are no JSON object. A last call that the token limit cut in two is left out; `max_tokens` says
/// that something is missing.
pub fn render_message(completion: &Completion, answer: &Answer) -> Result<Value, ApiError> {
    let choice = &completion.choice;
    let mut content = Vec::new();
    if !choice.content.is_empty() {
        content.push(json!({ "type": "text", "text": choice.content }));
    }
    let calls_max = if answer.single_tool_use { 1 } else { usize::MAX };
    for (index, call) in choice.tool_calls.iter().enumerate().take(calls_max) {
        match tool_use(call) {
            Ok(block) => content.push(block),
            Err(_) if is_cut(choice.finish_reason) && index + 1 == choice.tool_calls.len() => {}
            Err(error) => return Err(error),
        }
    }
    let reason = stop_reason(choice.finish_reason, !choice.tool_calls.is_empty())?;
    let mut message = head(&answer.id, &completion.model);
    message["content"] = Value::Array(content);
    message["usage"] = usage_json(completion.usage);
    if let (Some(message), Value::Object(end)) = (message.as_object_mut(), end(choice.finish_reason, reason))
    {
        message.extend(end);
    }
    Ok(message)
}

/// A message without content, as a stream begins with it.
pub(super) fn head(id: &str, model: &str) -> Value {
    json!({
        "id": id,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "container": null,
        "stop_reason": null,
        "stop_sequence": null,
        "stop_details": null,
        "usage": usage_json(Usage::default()),
    })
}

fn tool_use(call: &ToolCall) -> Result<Value, ApiError> {
    let input = wire::arguments(&call.arguments).map_err(|_| unreadable(&bad_arguments(&call.name)))?;
    Ok(json!({ "type": "tool_use", "id": call.id, "name": call.name, "input": input }))
}

pub(super) fn bad_arguments(name: &str) -> String {
    format!("the arguments of a call of `{name}` are no JSON object")
}

/// Whether an answer may end in the middle of something.
pub(super) fn is_cut(reason: FinishReason) -> bool {
    matches!(
        reason,
        FinishReason::Length | FinishReason::CostExhausted | FinishReason::TimeExhausted
    )
}

/// Anthropic's name of the reason.
pub(super) fn stop_reason(reason: FinishReason, has_calls: bool) -> Result<&'static str, ApiError> {
    match (reason, has_calls) {
        // Servers end a call that was demanded with `stop`: it waits for a result too.
        (FinishReason::ToolCalls | FinishReason::Stop, true) => Ok("tool_use"),
        (FinishReason::ToolCalls, false) => Err(unreadable("the answer ends with tool calls and has none")),
        // Which text ended it, or that one did, is not told by a backend.
        (FinishReason::Stop, false) => Ok("end_turn"),
        (FinishReason::ContentFilter, _) => Ok("refusal"),
        (FinishReason::Length | FinishReason::CostExhausted | FinishReason::TimeExhausted, _) => {
            Ok("max_tokens")
        }
    }
}

/// The members that tell of the end. A budget that ended the answer is named beside them, as in OpenAI's face.
pub(super) fn end(reason: FinishReason, name: &str) -> Value {
    let details = match reason {
        FinishReason::ContentFilter => json!({ "type": "refusal", "category": null, "explanation": null }),
        _ => Value::Null,
    };
    let mut end = json!({ "stop_reason": name, "stop_sequence": null, "stop_details": details });
    if let Some(budget) = reason.budget_exhausted() {
        end["budget_exhausted"] = json!(budget);
    }
    end
}

/// `usage`, where tokens that were read from a cache are not among `input_tokens`.
pub(super) fn usage_json(usage: Usage) -> Value {
    let cached = usage.cached_prompt_tokens;
    json!({
        "input_tokens": usage.prompt_tokens.saturating_sub(cached.unwrap_or_default()),
        "cache_creation_input_tokens": null,
        "cache_read_input_tokens": cached,
        "output_tokens": usage.completion_tokens,
    })
}

/// A backend's answer that cannot be told in this API.
pub(super) fn unreadable(what: &str) -> ApiError {
    let text = format!("the model gave an answer that cannot be passed on: {what}; hint: try again");
    ApiError::new(502, "unreadable", text)
}
