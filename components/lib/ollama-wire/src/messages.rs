//! `messages`: the conversation. This API lets calls go without ids, and many clients drop them; the chat wire needs
//! them, so results are matched to calls here.

use gyre_chat_wire::{ApiError, Fields, Message, Role, ToolCall};
use serde_json::Value;
use std::collections::VecDeque;

const MESSAGES_MAX: usize = 1_024;
const CALLS_MAX: usize = 128;

/// Reads them; there may be none.
pub(crate) fn read(fields: &Fields<'_>) -> Result<Vec<Message>, ApiError> {
    let items = fields.array("messages", MESSAGES_MAX)?.map(Vec::as_slice);
    let mut unanswered = VecDeque::new();
    let mut messages = Vec::new();
    for (index, item) in items.unwrap_or_default().iter().enumerate() {
        let item = Fields::of(item, &format!("messages[{index}]"))?;
        messages.push(message(&item, index, &mut unanswered)?);
    }
    Ok(messages)
}

/// A call that no message has answered yet.
struct Unanswered {
    id: String,
    name: String,
    /// Whether the id is one of ours, for a call that came without.
    numbered: bool,
}

fn message(
    item: &Fields<'_>,
    index: usize,
    unanswered: &mut VecDeque<Unanswered>,
) -> Result<Message, ApiError> {
    let role = match item.required("role")?.to_ascii_lowercase().as_str() {
        "system" | "developer" => Role::System,
        "user" => Role::User,
        "assistant" => Role::Assistant,
        "tool" => Role::Tool,
        _ => return Err(item.refuse("role", "must be system, user, assistant or tool")),
    };
    refuse_unsupported(item)?;
    // Clients leave out what is empty.
    let mut message = Message::text(role, item.string("content")?.unwrap_or_default());
    let calls = item
        .array("tool_calls", CALLS_MAX)?
        .map(Vec::as_slice)
        .unwrap_or_default();
    if !calls.is_empty() && role != Role::Assistant {
        return Err(item.refuse("tool_calls", "may stand in a message of the assistant only"));
    }
    for (number, call) in calls.iter().enumerate() {
        let call = Fields::of(call, &item.name(&format!("tool_calls[{number}]")))?;
        message
            .tool_calls
            .push(tool_call(&call, &format!("call_{index}_{number}"), unanswered)?);
    }
    if role == Role::Tool {
        message.tool_call_id = Some(answered(item, unanswered)?);
    }
    Ok(message)
}

fn refuse_unsupported(item: &Fields<'_>) -> Result<(), ApiError> {
    let empty = |value: &Value| value.as_array().is_some_and(Vec::is_empty) || value.as_str() == Some("");
    for (name, why) in [
        ("images", "is not supported: models read text only here"),
        (
            "thinking",
            "is not supported: thoughts of earlier turns cannot be shown to a model here; hint: leave it out",
        ),
    ] {
        if item.get(name).is_some_and(|value| !empty(value)) {
            return Err(item.refuse(name, why));
        }
    }
    Ok(())
}

fn tool_call(
    call: &Fields<'_>,
    own_id: &str,
    unanswered: &mut VecDeque<Unanswered>,
) -> Result<ToolCall, ApiError> {
    let function = call.object("function")?;
    let function = function.ok_or_else(|| call.refuse("function", "is missing"))?;
    let given = call.string("id")?.filter(|id| !id.is_empty());
    function.object("arguments")?;
    let read = ToolCall {
        id: given.unwrap_or(own_id).to_owned(),
        name: function.required("name")?.to_owned(),
        arguments: function
            .get("arguments")
            .map_or_else(|| "{}".to_owned(), Value::to_string),
    };
    unanswered.push_back(Unanswered {
        id: read.id.clone(),
        name: read.name.clone(),
        numbered: given.is_none(),
    });
    Ok(read)
}

/// The id of the call that a result answers: the one it names; else the first without a result of the tool it names;
/// else the first without one.
fn answered(item: &Fields<'_>, unanswered: &mut VecDeque<Unanswered>) -> Result<String, ApiError> {
    let id = item.string("tool_call_id")?.filter(|id| !id.is_empty());
    let tool = item.string("tool_name")?.filter(|name| !name.is_empty());
    let by_id = id.and_then(|id| unanswered.iter().position(|call| call.id == id));
    if let (Some(id), None) = (id, by_id)
        && !unanswered.iter().any(|call| call.numbered)
    {
        return Ok(id.to_owned());
    }
    let by_tool = || match tool {
        Some(tool) => unanswered.iter().position(|call| call.name == tool),
        None => (!unanswered.is_empty()).then_some(0),
    };
    let found = by_id.or_else(by_tool).and_then(|at| unanswered.remove(at));
    found.map(|call| call.id).ok_or_else(|| {
        let what =
            "is the result of no call; hint: send the assistant's message with its `tool_calls` before it";
        item.refuse("role", what)
    })
}
