//! Tool calls of a model, put together from their pieces.

use gyre_chat_wire::{ToolCall, ToolCallPart};

/// Calls of one completion that are followed.
const CALLS_MAX: usize = 8;
/// Bytes of one call's arguments.
const ARGUMENTS_BYTES_MAX: usize = 16 * 1024;

/// Calls so far. `None` from any method means: beyond the bounds.
#[derive(Debug, Default)]
pub(crate) struct ToolCalls(Vec<ToolCall>);

impl ToolCalls {
    pub(crate) fn push(&mut self, part: ToolCallPart) -> Option<()> {
        let index = usize::try_from(part.index).ok().filter(|i| *i < CALLS_MAX)?;
        while self.0.len() <= index {
            self.0.push(ToolCall {
                id: String::new(),
                name: String::new(),
                arguments: String::new(),
            });
        }
        let call = &mut self.0[index];
        call.id.push_str(part.id.as_deref().unwrap_or_default());
        call.name.push_str(part.name.as_deref().unwrap_or_default());
        call.arguments.push_str(&part.arguments);
        let bytes = call.id.len() + call.name.len() + call.arguments.len();
        (bytes <= ARGUMENTS_BYTES_MAX).then_some(())
    }

    /// The calls of this step. Each has an id of its own, also where the model gave none or one twice.
    pub(crate) fn take(&mut self, step: u32) -> Vec<ToolCall> {
        let mut calls = std::mem::take(&mut self.0);
        for index in 0..calls.len() {
            let (before, rest) = calls.split_at_mut(index);
            if rest[0].id.is_empty() || before.iter().any(|other| other.id == rest[0].id) {
                rest[0].id = format!("call-{step}-{}", index + 1);
            }
        }
        calls
    }
}
