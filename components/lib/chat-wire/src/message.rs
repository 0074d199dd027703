//! The messages of a request, as servers read them.

use crate::error::ApiError;
use crate::fields::Fields;
use crate::types::{Message, Role, ToolCall};
use serde_json::Value;

const MESSAGES_MAX: usize = 1_024;
const PARTS_MAX: usize = 256;
const TOOL_CALLS_MAX: usize = 128;

/// Reads them, at least one.
pub(crate) fn read(fields: &Fields<'_>) -> Result<Vec<Message>, ApiError> {
    let items = fields
        .array("messages", MESSAGES_MAX)?
        .filter(|items| !items.is_empty());
    let items = items.ok_or_else(|| fields.refuse("messages", "must hold at least one message"))?;
    items
        .iter()
        .enumerate()
        .map(|(index, item)| message(&Fields::of(item, &format!("messages[{index}]"))?))
        .collect()
}

fn message(fields: &Fields<'_>) -> Result<Message, ApiError> {
    let role = match fields.required("role")? {
        "system" | "developer" => Role::System,
        "user" => Role::User,
        "assistant" => Role::Assistant,
        "tool" => Role::Tool,
        _ => return Err(fields.refuse("role", "must be system, developer, user, assistant or tool")),
    };
    let tool_calls = match fields.array("tool_calls", TOOL_CALLS_MAX)? {
        Some(_) if role != Role::Assistant => {
            return Err(fields.refuse("tool_calls", "may stand in a message of the assistant only"));
        }
        Some(items) => tool_calls(fields, items)?,
        None => Vec::new(),
    };
    let tool_call_id = fields.string("tool_call_id")?.map(str::to_owned);
    if role == Role::Tool && tool_call_id.is_none() {
        return Err(fields.refuse(
            "tool_call_id",
            "is missing: name the call that this message answers",
        ));
    }
    let content = content(fields)?;
    if content.is_none() && tool_calls.is_empty() {
        return Err(fields.refuse("content", "is missing"));
    }
    Ok(Message {
        role,
        content: content.unwrap_or_default(),
        tool_calls,
        tool_call_id,
    })
}

/// Text, or text parts joined by line ends.
fn content(fields: &Fields<'_>) -> Result<Option<String>, ApiError> {
    match fields.get("content") {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => {
            let parts = fields
                .array("content", PARTS_MAX)?
                .map(Vec::as_slice)
                .unwrap_or_default();
            let mut texts = Vec::with_capacity(parts.len());
            for (index, part) in parts.iter().enumerate() {
                let part = Fields::of(part, &fields.name(&format!("content[{index}]")))?;
                if part.required("type")? != "text" {
                    return Err(part.refuse(
                        "type",
                        "must be \"text\": images, audio and files are not supported",
                    ));
                }
                texts.push(
                    part.string("text")?
                        .ok_or_else(|| part.refuse("text", "is missing"))?,
                );
            }
            Ok(Some(texts.join("\n")))
        }
    }
}

fn tool_calls(fields: &Fields<'_>, items: &[Value]) -> Result<Vec<ToolCall>, ApiError> {
    items
        .iter()
        .enumerate()
        .map(|(index, item)| {
            let call = Fields::of(item, &fields.name(&format!("tool_calls[{index}]")))?;
            let function = call
                .object("function")?
                .ok_or_else(|| call.refuse("function", "is missing"))?;
            Ok(ToolCall {
                id: call.required("id")?.to_owned(),
                name: function.required("name")?.to_owned(),
                arguments: function.string("arguments")?.unwrap_or("{}").to_owned(),
            })
        })
        .collect()
}
