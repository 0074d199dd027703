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

    pub(crate) fn take(&mut self) -> Vec<ToolCall> {
        std::mem::take(&mut self.0)
    }
}
