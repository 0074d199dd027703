//! What the tools tell of themselves.

use gyre_mcp_wire::Tool;
use serde_json::{Value, json};

use super::{APPEND_TOOL, RECALL_TOOL};
use crate::name::ID_BYTES_MAX;
use crate::recall::{LIMIT_DEFAULT, LIMIT_MAX};
use crate::turn::MESSAGES_MAX;

fn session() -> Value {
    json!({ "type": "string", "pattern": format!("^[A-Za-z0-9._-]{{1,{ID_BYTES_MAX}}}$") })
}

fn messages(max: Option<usize>) -> Value {
    let mut messages = json!({
        "type": "array",
        "items": {
            "type": "object",
            "properties": { "role": { "enum": ["user", "assistant"] }, "content": { "type": "string" } },
            "required": ["role", "content"],
            "additionalProperties": false,
        },
    });
    if let Some(max) = max {
        messages["minItems"] = json!(1);
        messages["maxItems"] = json!(max);
    }
    messages
}

/// The tool that gives what was said.
pub(super) fn recall() -> Tool {
    Tool {
        name: RECALL_TOOL.to_owned(),
        description: "Gives the newest whole turns of a session, oldest first; none for a new session."
            .to_owned(),
        input_schema: json!({
            "type": "object",
            "properties": {
                "session": session(),
                "limit": { "type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT },
            },
            "required": ["session"],
            "additionalProperties": false,
        }),
        output_schema: Some(json!({
            "type": "object",
            "properties": {
                "session": session(),
                "turns": { "type": "integer", "description": "How many turns the session has, recalled or not." },
                "messages": messages(None),
            },
            "required": ["session", "turns", "messages"],
        })),
    }
}

/// The tool that keeps what was said.
pub(super) fn append() -> Tool {
    Tool {
        name: APPEND_TOOL.to_owned(),
        description: "Keeps what was said in one run as the next turn of a session, whole or not at all."
            .to_owned(),
        input_schema: json!({
            "type": "object",
            "properties": {
                "session": session(),
                "run": { "type": "string", "pattern": "^[A-Za-z0-9-]{1,64}$" },
                "messages": messages(Some(MESSAGES_MAX)),
            },
            "required": ["session", "run", "messages"],
            "additionalProperties": false,
        }),
        output_schema: Some(json!({
            "type": "object",
            "properties": { "session": session(), "turns": { "type": "integer", "minimum": 1 } },
            "required": ["session", "turns"],
        })),
    }
}
