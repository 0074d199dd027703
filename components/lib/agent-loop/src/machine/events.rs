//! What the client is told of a call: that it is made, and how it ended.

use gyre_agent_wire::Event;
use gyre_chat_wire::ToolCall;
use serde_json::Value;

use super::ToolAnswer;

pub(super) fn called(call: &ToolCall, arguments: Value) -> Event {
    Event::ToolCall {
        id: call.id.clone(),
        name: call.name.clone(),
        arguments,
    }
}

pub(super) fn result(call: &ToolCall, answer: &ToolAnswer) -> Event {
    Event::ToolResult {
        id: call.id.clone(),
        name: call.name.clone(),
        is_error: answer.is_error,
        content: Some(answer.content.clone()),
        passages: None,
        retrieval: None,
    }
}
