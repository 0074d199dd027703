//! `input`: a text or a list of items, as messages.

use crate::content;
use gyre_chat_wire::{ApiError, Fields, Message, Role, ToolCall};
use serde_json::Value;

const ITEMS_MAX: usize = 1_024;
const CALLS_MAX: usize = 128;

/// Reads it; there is at least one message.
pub(crate) fn read(fields: &Fields<'_>) -> Result<Vec<Message>, ApiError> {
    if let Some(Value::String(text)) = fields.get("input") {
        return Ok(vec![Message::text(Role::User, text.as_str())]);
    }
    let items = fields.array("input", ITEMS_MAX)?.map(Vec::as_slice);
    let mut messages = Vec::new();
    for (index, item) in items.unwrap_or_default().iter().enumerate() {
        add(&mut messages, &Fields::of(item, &format!("input[{index}]"))?)?;
    }
    if messages.is_empty() {
        return Err(fields.refuse(
            "input",
            "must be a text or hold at least one item that says something",
        ));
    }
    Ok(messages)
}

fn add(messages: &mut Vec<Message>, item: &Fields<'_>) -> Result<(), ApiError> {
    match item.string("type")? {
        Some("message") => messages.push(message(item)?),
        // An item of only a role and a content is a message too; one of only an id is a reference.
        None if item.get("role").is_some() => messages.push(message(item)?),
        Some("function_call") => add_call(messages, item)?,
        Some("function_call_output") => messages.push(output(item)?),
        Some("reasoning") => check_reasoning(item)?,
        None | Some("item_reference") => {
            let what = "is missing or a reference, and items are not kept; hint: send the item itself";
            return Err(item.refuse("type", what));
        }
        Some(_) => {
            let what = "must be message, function_call or function_call_output: no other tools run here";
            return Err(item.refuse("type", what));
        }
    }
    Ok(())
}

fn message(item: &Fields<'_>) -> Result<Message, ApiError> {
    let role = match item.required("role")? {
        "system" | "developer" => Role::System,
        "user" => Role::User,
        "assistant" => Role::Assistant,
        _ => return Err(item.refuse("role", "must be user, assistant, system or developer")),
    };
    Ok(Message::text(role, content::read(item, "content")?))
}

/// A call belongs to the turn of the assistant that it follows: calls side by side are one message.
fn add_call(messages: &mut Vec<Message>, item: &Fields<'_>) -> Result<(), ApiError> {
    if item.get("namespace").is_some() {
        return Err(item.refuse("namespace", "is not supported: tools have no namespaces here"));
    }
    let arguments = item.string("arguments")?;
    let call = ToolCall {
        id: item.required("call_id")?.to_owned(),
        name: item.required("name")?.to_owned(),
        arguments: arguments
            .filter(|text| !text.is_empty())
            .unwrap_or("{}")
            .to_owned(),
    };
    match messages.last_mut() {
        Some(last) if last.role == Role::Assistant => {
            if last.tool_calls.len() == CALLS_MAX {
                return Err(item.refuse("type", &format!("is the call after {CALLS_MAX} in one turn")));
            }
            last.tool_calls.push(call);
        }
        _ => messages.push(Message {
            tool_calls: vec![call],
            ..Message::text(Role::Assistant, "")
        }),
    }
    Ok(())
}

fn output(item: &Fields<'_>) -> Result<Message, ApiError> {
    Ok(Message {
        tool_call_id: Some(item.required("call_id")?.to_owned()),
        ..Message::text(Role::Tool, content::read(item, "output")?)
    })
}

/// An item of reasoning that says nothing is left out; one that says something cannot be shown to a model here.
fn check_reasoning(item: &Fields<'_>) -> Result<(), ApiError> {
    for name in ["summary", "content", "encrypted_content"] {
        let empty = match item.get(name) {
            None => true,
            Some(Value::Array(parts)) => parts.is_empty(),
            Some(Value::String(text)) => text.is_empty(),
            Some(_) => false,
        };
        if !empty {
            let what = "is not supported: reasoning of earlier turns cannot be shown to a model here; \
                        hint: leave items of the type reasoning out";
            return Err(item.refuse(name, what));
        }
    }
    Ok(())
}
