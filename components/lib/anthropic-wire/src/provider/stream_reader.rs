//! Streamed messages, read from bytes in any pieces.

use super::answer::{Block, finish_reason};
use super::events::{Delta, Event, READ};
use super::refusal;
use crate::wire::UsageBody;
use gyre_chat_wire::{ChatEvent, SseParser, StreamError, ToolCallPart};
use serde_json::{Map, Value};

/// Content blocks of one message.
const BLOCKS_MAX: usize = 1_024;

/// Reads a streamed message; the counterpart of `gyre_chat_wire::ChunkReader`.
#[derive(Debug, Default)]
pub struct MessageReader {
    sse: SseParser,
    /// Blocks begun so far, by index.
    blocks: Vec<Seen>,
    calls: u32,
    usage: Option<UsageBody>,
    has_reason: bool,
    done: bool,
}

/// What is known of a block.
#[derive(Debug)]
enum Seen {
    Text,
    Call { index: u32, input: Input },
    Thought,
    Ended,
}

/// Where the arguments of a call come from.
#[derive(Debug)]
enum Input {
    /// From the block's beginning, where no parts follow.
    Whole(Map<String, Value>),
    Parts,
}

impl MessageReader {
    /// A reader at the start of a body.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes. An error ends the stream.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<ChatEvent>, StreamError> {
        let mut events = Vec::new();
        for event in self.sse.push(bytes)? {
            if self.done {
                break;
            }
            let data: Value = serde_json::from_str(&event.data).map_err(unreadable)?;
            match data.get("type").and_then(Value::as_str) {
                Some("error") => return Err(StreamError::Failed(refusal::from_stream(&data))),
                Some(name) if READ.contains(&name) => {
                    self.read(serde_json::from_value(data).map_err(unreadable)?, &mut events)?;
                }
                _ => {}
            }
        }
        Ok(events)
    }

    /// Whether `message_stop` has been read.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// The body has ended: without `message_stop` that is a failure.
    pub fn finish(self) -> Result<(), StreamError> {
        if self.done { Ok(()) } else { Err(StreamError::Cut) }
    }

    fn read(&mut self, event: Event, events: &mut Vec<ChatEvent>) -> Result<(), StreamError> {
        if let Event::MessageStart { message } = event {
            if self.usage.replace(message.usage).is_some() {
                return Err(unreadable("a message that starts twice"));
            }
            events.push(ChatEvent::Model(message.model));
            return Ok(());
        }
        let usage = self.usage.as_mut();
        let usage = usage.ok_or_else(|| unreadable("an event before the message's start"))?;
        match event {
            Event::MessageStart { .. } => {}
            Event::MessageDelta { delta, usage: later } => {
                usage.overwrite(later);
                if let Some(reason) = delta.stop_reason {
                    if std::mem::replace(&mut self.has_reason, true) {
                        return Err(unreadable("a message that ends twice"));
                    }
                    let reason = finish_reason(&reason).map_err(|error| unreadable(error.0))?;
                    events.push(ChatEvent::Finish(reason));
                }
                events.push(ChatEvent::Usage((*usage).into()));
            }
            Event::MessageStop if !self.has_reason => {
                return Err(unreadable("a message without its stop reason"));
            }
            Event::MessageStop => self.done = true,
            Event::ContentBlockStart { index, content_block } => self.start(index, content_block, events)?,
            Event::ContentBlockDelta { index, delta } => events.extend(self.delta(index, delta)?),
            Event::ContentBlockStop { index } => events.extend(self.stop(index)?),
        }
        Ok(())
    }

    fn start(&mut self, index: usize, block: Block, events: &mut Vec<ChatEvent>) -> Result<(), StreamError> {
        if index != self.blocks.len() || index == BLOCKS_MAX {
            return Err(unreadable("content blocks out of order, or too many of them"));
        }
        self.blocks.push(match block {
            Block::Text { text } => {
                events.extend((!text.is_empty()).then_some(ChatEvent::Text(text)));
                Seen::Text
            }
            Block::ToolUse { id, name, input } => {
                let index = self.calls;
                self.calls += 1;
                events.push(ChatEvent::ToolCall(ToolCallPart {
                    index,
                    id: Some(id),
                    name: Some(name),
                    arguments: String::new(),
                }));
                let input = Input::Whole(input);
                Seen::Call { index, input }
            }
            Block::Thinking {} | Block::RedactedThinking {} => Seen::Thought,
        });
        Ok(())
    }

    fn delta(&mut self, index: usize, delta: Delta) -> Result<Option<ChatEvent>, StreamError> {
        let block = self.blocks.get_mut(index);
        let block = block.ok_or_else(|| unreadable("a part of a block that did not start"))?;
        match (delta, block) {
            (Delta::Text { text }, Seen::Text) => Ok((!text.is_empty()).then_some(ChatEvent::Text(text))),
            (Delta::InputJson { partial_json }, Seen::Call { index, input }) => {
                if partial_json.is_empty() {
                    return Ok(None);
                }
                *input = Input::Parts;
                Ok(Some(arguments(*index, partial_json)))
            }
            (Delta::Thinking {} | Delta::Signature {}, Seen::Thought) | (Delta::Citations {}, Seen::Text) => {
                Ok(None)
            }
            _ => Err(unreadable("a part that does not fit its block")),
        }
    }

    fn stop(&mut self, index: usize) -> Result<Option<ChatEvent>, StreamError> {
        let block = self.blocks.get_mut(index);
        let block = block.ok_or_else(|| unreadable("the end of a block that did not start"))?;
        match std::mem::replace(block, Seen::Ended) {
            Seen::Call {
                index,
                input: Input::Whole(input),
            } => Ok(Some(arguments(index, Value::Object(input).to_string()))),
            Seen::Call { .. } | Seen::Text | Seen::Thought => Ok(None),
            Seen::Ended => Err(unreadable("a block that ends twice")),
        }
    }
}

fn arguments(index: u32, arguments: String) -> ChatEvent {
    ChatEvent::ToolCall(ToolCallPart {
        index,
        id: None,
        name: None,
        arguments,
    })
}

fn unreadable(what: impl ToString) -> StreamError {
    StreamError::Unreadable(what.to_string())
}
