//! A conversation in Anthropic's form: what the system says stands apart, and turns of user and assistant follow each
//! other, results of tools being said by the user.

use crate::wire;
use gyre_chat_wire::{ApiError, Message, Role};
use serde_json::{Value, json};

/// The conversation of a request.
#[derive(Debug)]
pub(super) struct Conversation {
    /// Text blocks, one for each message of the system, wherever it stood.
    pub(super) system: Vec<Value>,
    /// Turns, at least one.
    pub(super) messages: Vec<Value>,
}

/// Turns messages into it.
pub(super) fn read(messages: &[Message]) -> Result<Conversation, ApiError> {
    let mut system = Vec::new();
    let mut turns: Vec<(&'static str, Vec<Value>)> = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        let (role, blocks) = match message.role {
            Role::System => {
                system.extend(text(&message.content));
                continue;
            }
            Role::User => ("user", text(&message.content).into_iter().collect()),
            Role::Assistant => ("assistant", assistant(index, message)?),
            Role::Tool => ("user", vec![tool_result(index, message)?]),
        };
        if blocks.is_empty() {
            let param = format!("messages[{index}].content");
            let what = format!(
                "`{param}` is empty, which Anthropic's API does not take; hint: leave the message out"
            );
            return Err(ApiError::invalid(param, what));
        }
        match turns.last_mut() {
            Some((last, said)) if *last == role => said.extend(blocks),
            _ => turns.push((role, blocks)),
        }
    }
    if turns.is_empty() {
        let what = "`messages` must hold a message of the user: Anthropic's API takes no system alone";
        return Err(ApiError::invalid("messages", what));
    }
    let turn = |(role, content): (&str, Vec<Value>)| json!({ "role": role, "content": content });
    Ok(Conversation {
        system,
        messages: turns.into_iter().map(turn).collect(),
    })
}

/// A block of text; none for an empty text, which the API refuses.
fn text(text: &str) -> Option<Value> {
    (!text.is_empty()).then(|| json!({ "type": "text", "text": text }))
}

fn assistant(index: usize, message: &Message) -> Result<Vec<Value>, ApiError> {
    let mut blocks: Vec<Value> = text(&message.content).into_iter().collect();
    for (call_index, call) in message.tool_calls.iter().enumerate() {
        let input = wire::arguments(&call.arguments).map_err(|_| {
            let param = format!("messages[{index}].tool_calls[{call_index}].function.arguments");
            let what = format!("`{param}` must be a JSON object");
            ApiError::invalid(param, what)
        })?;
        blocks.push(json!({
            "type": "tool_use",
            "id": call_id(&call.id),
            "name": call.name,
            "input": input,
        }));
    }
    Ok(blocks)
}

fn tool_result(index: usize, message: &Message) -> Result<Value, ApiError> {
    let id = message.tool_call_id.as_deref().ok_or_else(|| {
        let param = format!("messages[{index}].tool_call_id");
        let what = format!("`{param}` is missing: name the call that this message answers");
        ApiError::invalid(param, what)
    })?;
    let mut result = json!({ "type": "tool_result", "tool_use_id": call_id(id) });
    if !message.content.is_empty() {
        result["content"] = json!(message.content);
    }
    Ok(result)
}

/// An id as the API takes it: letters, digits, `_` and `-`. Another provider's id that has more is written in hex, so
/// that call and result still name the same.
fn call_id(id: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if !id.is_empty() && id.bytes().all(plain) {
        return id.to_owned();
    }
    let hex = id.bytes().map(|byte| format!("{byte:02x}"));
    std::iter::once("call_".to_owned()).chain(hex).collect()
}
