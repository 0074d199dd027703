//! A conversation in Gemini's form: what the system says stands apart, and contents of user and model follow each
//! other, results of functions being said by the user and naming the function.

use gyre_chat_wire::{ApiError, Message, Role};
use serde_json::{Map, Value, json};

/// What the API takes where the signature of a model's thoughts is not there. From Gemini 3 on, the first call of a
/// turn must have one, and a message of `gyre_chat_wire` has no place to keep it.
const NO_SIGNATURE: &str = "skip_thought_signature_validator";

/// The conversation of a request.
#[derive(Debug)]
pub(crate) struct Conversation {
    /// Parts, one for each message of the system, wherever it stood.
    pub(crate) system: Vec<Value>,
    /// Contents, at least one.
    pub(crate) contents: Vec<Value>,
}

/// Turns messages for `model` into it.
pub(crate) fn read(model: &str, messages: &[Message]) -> Result<Conversation, ApiError> {
    let signs = signs_calls(model);
    let mut system = Vec::new();
    let mut contents: Vec<(&'static str, Vec<Value>)> = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        let (role, parts) = match message.role {
            Role::System => {
                system.extend(text(&message.content));
                continue;
            }
            Role::User => ("user", text(&message.content).into_iter().collect()),
            Role::Assistant => ("model", model_parts(index, message, signs)?),
            Role::Tool => ("user", vec![result(index, &messages[..index], message)?]),
        };
        if parts.is_empty() {
            let param = format!("messages[{index}].content");
            let what =
                format!("`{param}` is empty, which Gemini's API does not take; hint: leave the message out");
            return Err(ApiError::invalid(param, what));
        }
        match contents.last_mut() {
            Some((last, said)) if *last == role => said.extend(parts),
            _ => contents.push((role, parts)),
        }
    }
    if contents.is_empty() {
        let what = "`messages` must hold a message of the user: Gemini's API takes no system alone";
        return Err(ApiError::invalid("messages", what));
    }
    let content = |(role, parts): (&str, Vec<Value>)| json!({ "role": role, "parts": parts });
    Ok(Conversation {
        system,
        contents: contents.into_iter().map(content).collect(),
    })
}

/// Whether a model checks signatures: all but those before Gemini 3.
fn signs_calls(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or_default();
    let before = ["gemini-1.", "gemini-2.", "gemma-"];
    !before.iter().any(|prefix| name.starts_with(prefix))
}

fn text(text: &str) -> Option<Value> {
    (!text.is_empty()).then(|| json!({ "text": text }))
}

fn model_parts(index: usize, message: &Message, signs: bool) -> Result<Vec<Value>, ApiError> {
    let mut parts: Vec<Value> = text(&message.content).into_iter().collect();
    for (call_index, call) in message.tool_calls.iter().enumerate() {
        let args = arguments(&call.arguments).map_err(|_| {
            let param = format!("messages[{index}].tool_calls[{call_index}].function.arguments");
            let what = format!("`{param}` must be a JSON object");
            ApiError::invalid(param, what)
        })?;
        let mut part = json!({ "functionCall": { "id": call.id, "name": call.name, "args": args } });
        if signs && call_index == 0 {
            part["thoughtSignature"] = json!(NO_SIGNATURE);
        }
        parts.push(part);
    }
    Ok(parts)
}

/// The result of a function, under the name of the nearest call before it with that id.
fn result(index: usize, before: &[Message], message: &Message) -> Result<Value, ApiError> {
    let id = message.tool_call_id.as_deref().unwrap_or_default();
    let mut calls = before.iter().rev().flat_map(|message| &message.tool_calls);
    let call = calls.find(|call| call.id == id).ok_or_else(|| {
        let param = format!("messages[{index}].tool_call_id");
        let what =
            format!("`{param}` names no call before it, and Gemini's API wants the call's function named");
        ApiError::invalid(param, what)
    })?;
    Ok(json!({
        "functionResponse": { "id": id, "name": call.name, "response": { "output": message.content } },
    }))
}

fn arguments(text: &str) -> Result<Map<String, Value>, serde_json::Error> {
    if text.trim().is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_str(text)
}
