//! The conversation of a request: `system` and `messages`. One message of Anthropic's may hold a text and several
//! results of tools, which are messages of their own in `gyre_chat_wire`.

use gyre_chat_wire::{ApiError, Fields, Message, Role, ToolCall};
use serde_json::Value;
use std::collections::HashSet;

/// Messages in Anthropic's form and in ours, as OpenAI's face bounds them too.
const MESSAGES_MAX: usize = 1_024;
const BLOCKS_MAX: usize = 256;

/// Reads them, at least one.
pub(super) fn read(fields: &Fields<'_>) -> Result<Vec<Message>, ApiError> {
    let items = fields
        .array("messages", MESSAGES_MAX)?
        .filter(|items| !items.is_empty());
    let items = items.ok_or_else(|| fields.refuse("messages", "must hold at least one message"))?;
    let mut read = Conversation::default();
    let system = texts(fields, "system")?.join("\n");
    if !system.is_empty() {
        read.messages.push(Message::text(Role::System, system));
    }
    for (index, item) in items.iter().enumerate() {
        read.turn(&Fields::of(item, &format!("messages[{index}]"))?)?;
        if read.messages.len() > MESSAGES_MAX {
            let what = format!("hold more than {MESSAGES_MAX} texts and results of tools");
            return Err(fields.refuse("messages", &what));
        }
    }
    if read.messages.iter().all(|message| message.role == Role::System) {
        return Err(fields.refuse("messages", "must hold a message of the user"));
    }
    Ok(read.messages)
}

#[derive(Default)]
struct Conversation {
    messages: Vec<Message>,
    /// Ids of the tool calls so far.
    called: HashSet<String>,
}

impl Conversation {
    fn turn(&mut self, turn: &Fields<'_>) -> Result<(), ApiError> {
        match turn.required("role")? {
            "user" => self.user(turn),
            "assistant" => self.assistant(turn),
            "system" => {
                let text = texts(turn, "content")?.join("\n");
                if text.is_empty() {
                    return Err(turn.refuse("content", "is missing or empty"));
                }
                self.messages.push(Message::text(Role::System, text));
                Ok(())
            }
            _ => Err(turn.refuse("role", "must be user, assistant or system")),
        }
    }

    fn user(&mut self, turn: &Fields<'_>) -> Result<(), ApiError> {
        let mut texts = Vec::new();
        let mut results = 0;
        for (at, block) in blocks(turn)? {
            match block {
                Block::Text(text) => texts.push(text),
                Block::ToolResult { id, text } if texts.is_empty() => {
                    if !self.called.contains(&id) {
                        return Err(at.refuse("tool_use_id", "names no `tool_use` before it"));
                    }
                    results += 1;
                    self.messages.push(Message {
                        tool_call_id: Some(id),
                        ..Message::text(Role::Tool, text)
                    });
                }
                Block::ToolResult { .. } => {
                    return Err(at.refuse("type", "tool_result must stand before all text of its message"));
                }
                Block::ToolUse(_) | Block::Thought => {
                    return Err(at.refuse("type", "may stand in a message of the assistant only"));
                }
            }
        }
        let text = texts.join("\n");
        if text.is_empty() && results == 0 {
            return Err(turn.refuse("content", "is missing or empty"));
        }
        if !text.is_empty() {
            self.say(Role::User, text);
        }
        Ok(())
    }

    fn assistant(&mut self, turn: &Fields<'_>) -> Result<(), ApiError> {
        let mut texts = Vec::new();
        let mut tool_calls = Vec::new();
        let mut thought = false;
        for (at, block) in blocks(turn)? {
            match block {
                Block::Text(text) => texts.push(text),
                Block::ToolUse(call) => {
                    if !self.called.insert(call.id.clone()) {
                        return Err(at.refuse("id", "is the id of another `tool_use` too"));
                    }
                    tool_calls.push(call);
                }
                // A model that does not think leaves earlier thoughts out, as the API says.
                Block::Thought => thought = true,
                Block::ToolResult { .. } => {
                    return Err(at.refuse("type", "may stand in a message of the user only"));
                }
            }
        }
        let text = texts.join("\n");
        match (text.is_empty() && tool_calls.is_empty(), thought) {
            (true, true) => {}
            (true, false) => return Err(turn.refuse("content", "is missing or empty")),
            (false, _) if tool_calls.is_empty() => self.say(Role::Assistant, text),
            (false, _) => self.messages.push(Message {
                tool_calls,
                ..Message::text(Role::Assistant, text)
            }),
        }
        Ok(())
    }

    /// Adds a text. Turns of one role that follow each other are one turn, as the API says.
    fn say(&mut self, role: Role, text: String) {
        match self.messages.last_mut() {
            Some(last) if last.role == role && last.tool_calls.is_empty() => {
                last.content.push('\n');
                last.content.push_str(&text);
            }
            _ => self.messages.push(Message::text(role, text)),
        }
    }
}

enum Block {
    Text(String),
    ToolUse(ToolCall),
    ToolResult { id: String, text: String },
    Thought,
}

/// The blocks of a message; a string is one of text.
fn blocks<'a>(turn: &Fields<'a>) -> Result<Vec<(Fields<'a>, Block)>, ApiError> {
    if let Some(Value::String(text)) = turn.get("content") {
        return Ok(vec![(turn.clone(), Block::Text(text.clone()))]);
    }
    let items = turn.array("content", BLOCKS_MAX)?.into_iter().flatten();
    items
        .enumerate()
        .map(|(index, item)| {
            let at = Fields::of(item, &turn.name(&format!("content[{index}]")))?;
            let block = block(&at)?;
            Ok((at, block))
        })
        .collect()
}

fn block(at: &Fields<'_>) -> Result<Block, ApiError> {
    match at.required("type")? {
        "text" => text(at).map(|text| Block::Text(text.to_owned())),
        "tool_use" => {
            at.object("input")?;
            let input = at.get("input").ok_or_else(|| at.refuse("input", "is missing"))?;
            Ok(Block::ToolUse(ToolCall {
                id: at.required("id")?.to_owned(),
                name: at.required("name")?.to_owned(),
                arguments: input.to_string(),
            }))
        }
        "tool_result" => tool_result(at),
        "thinking" => {
            for name in ["thinking", "signature"] {
                at.string(name)?.ok_or_else(|| at.refuse(name, "is missing"))?;
            }
            Ok(Block::Thought)
        }
        "redacted_thinking" => at.required("data").map(|_| Block::Thought),
        kind => Err(unsupported(at, kind)),
    }
}

/// The result of a tool. That the call failed has no field in `gyre_chat_wire`; the model reads it in the text.
fn tool_result(at: &Fields<'_>) -> Result<Block, ApiError> {
    let said = texts(at, "content")?.join("\n");
    let text = match (at.flag("is_error")?, said.is_empty()) {
        (false, _) => said,
        (true, true) => "Error".to_owned(),
        (true, false) => format!("Error: {said}"),
    };
    let id = at.required("tool_use_id")?.to_owned();
    Ok(Block::ToolResult { id, text })
}

/// A field that is a string or an array of text blocks, empty where it is absent.
fn texts<'a>(fields: &Fields<'a>, field: &str) -> Result<Vec<&'a str>, ApiError> {
    if let Some(Value::String(text)) = fields.get(field) {
        return Ok(vec![text]);
    }
    let items = fields.array(field, BLOCKS_MAX)?.into_iter().flatten();
    items
        .enumerate()
        .map(|(index, item)| {
            let at = Fields::of(item, &fields.name(&format!("{field}[{index}]")))?;
            match at.required("type")? {
                "text" => text(&at),
                kind => Err(unsupported(&at, kind)),
            }
        })
        .collect()
}

fn text<'a>(at: &Fields<'a>) -> Result<&'a str, ApiError> {
    at.string("text")?.ok_or_else(|| at.refuse("text", "is missing"))
}

fn unsupported(at: &Fields<'_>, kind: &str) -> ApiError {
    let what = match kind {
        "image" => "is \"image\": images are not supported; hint: describe it in text".to_owned(),
        "document" => "is \"document\": documents are not supported; hint: send their text".to_owned(),
        kind => {
            // It is quoted back, and may be anything.
            let kind: String = kind.chars().take(64).collect();
            format!("is {kind:?}, which is not supported here; hint: send text")
        }
    };
    at.refuse("type", &what)
}
