//! Tool calls of an answer: their arguments are objects here, so a call is told when it is whole.

use crate::failure::out_of_place;
use gyre_chat_wire::{ApiError, ToolCall, ToolCallPart};
use serde_json::{Value, json};

const CALLS_MAX: usize = 128;

/// Collects the calls of a stream.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    whole: Vec<(u32, ToolCall)>,
}

impl Calls {
    /// Takes the next piece.
    pub(crate) fn push(&mut self, part: &ToolCallPart) -> Result<(), ApiError> {
        if let Some((_, call)) = self.whole.iter_mut().find(|(index, _)| *index == part.index) {
            call.arguments.push_str(&part.arguments);
            return Ok(());
        }
        if self.whole.len() == CALLS_MAX {
            return Err(out_of_place("calls more tools than may be"));
        }
        let name = part.name.as_deref().filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| out_of_place("calls a tool without its name"))?;
        let id = part.id.clone().filter(|id| !id.is_empty());
        let call = ToolCall {
            id: id.unwrap_or_else(|| format!("call_{}", part.index)),
            name: name.to_owned(),
            arguments: part.arguments.clone(),
        };
        self.whole.push((part.index, call));
        Ok(())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.whole.is_empty()
    }

    /// All of them, in the order in which they began.
    pub(crate) fn json(&self) -> Result<Value, ApiError> {
        json(self.whole.iter().map(|(_, call)| call))
    }
}

/// The member `tool_calls`.
pub(crate) fn json<'a>(calls: impl IntoIterator<Item = &'a ToolCall>) -> Result<Value, ApiError> {
    calls.into_iter().enumerate().map(one).collect()
}

fn one((index, call): (usize, &ToolCall)) -> Result<Value, ApiError> {
    let arguments = if call.arguments.trim().is_empty() {
        json!({})
    } else {
        let read = serde_json::from_str::<Value>(&call.arguments);
        read.ok()
            .filter(Value::is_object)
            .ok_or_else(|| out_of_place("calls a tool with arguments that are no JSON object"))?
    };
    Ok(json!({
        "id": call.id,
        "function": { "index": index, "name": call.name, "arguments": arguments },
    }))
}
