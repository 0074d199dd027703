//! Streamed answers, read from bytes in any pieces.

use crate::answer::{AnswerError, Body, Piece, Said};
use crate::refusal;
use gyre_chat_wire::{ChatEvent, SseParser, StreamError, ToolCallPart, Usage};
use serde_json::Value;

/// Reads a streamed answer; the counterpart of `gyre_chat_wire::ChunkReader`. The API has no mark of the end: it is the
/// chunk that says why the answer ended, with its usage.
#[derive(Debug)]
pub struct AnswerReader {
    sse: SseParser,
    model: String,
    named: bool,
    id: String,
    calls: u32,
    finished: bool,
    has_usage: bool,
}

impl AnswerReader {
    /// A reader at the start of a body; `model` was asked for.
    #[must_use]
    pub fn new(model: &str) -> Self {
        Self {
            sse: SseParser::new(),
            model: model.to_owned(),
            named: false,
            id: String::new(),
            calls: 0,
            finished: false,
            has_usage: false,
        }
    }

    /// Takes the next bytes. An error ends the stream.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<ChatEvent>, StreamError> {
        let mut events = Vec::new();
        for event in self.sse.push(bytes)? {
            if self.is_done() {
                break;
            }
            self.read(&event.data, &mut events)?;
        }
        Ok(events)
    }

    /// Whether the end and the usage have been read. Without usage, only the end of the body tells: see
    /// [`finish`](Self::finish).
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.finished && self.has_usage
    }

    /// The body has ended: before the answer did, that is a failure.
    pub fn finish(self) -> Result<(), StreamError> {
        if self.finished {
            Ok(())
        } else {
            Err(StreamError::Cut)
        }
    }

    fn read(&mut self, data: &str, events: &mut Vec<ChatEvent>) -> Result<(), StreamError> {
        let value: Value = serde_json::from_str(data).map_err(unreadable)?;
        if let Some(error) = refusal::from_stream(&value) {
            return Err(StreamError::Failed(error));
        }
        let body: Body = serde_json::from_value(value).map_err(unreadable)?;
        if !std::mem::replace(&mut self.named, true) {
            self.id = body.response_id.clone().unwrap_or_default();
            let model = body.model_version.clone().unwrap_or_else(|| self.model.clone());
            events.push(ChatEvent::Model(model));
        }
        let usage = body.usage_metadata;
        let Said { pieces, finish } =
            body.said(&self.id, self.calls as usize)
                .map_err(|error| match error {
                    AnswerError::Failed(error) => StreamError::Failed(error),
                    AnswerError::Unreadable(error) => StreamError::Unreadable(error.0),
                })?;
        if self.finished && (finish.is_some() || !pieces.is_empty()) {
            return Err(unreadable("more of an answer after its end"));
        }
        events.extend(pieces.into_iter().map(|piece| self.event(piece)));
        self.finished |= finish.is_some();
        events.extend(finish.map(ChatEvent::Finish));
        self.has_usage |= usage.is_some();
        events.extend(usage.map(|usage| ChatEvent::Usage(Usage::from(usage))));
        Ok(())
    }

    fn event(&mut self, piece: Piece) -> ChatEvent {
        match piece {
            Piece::Text(text) => ChatEvent::Text(text),
            Piece::Logprobs(all) => ChatEvent::Logprobs(all),
            Piece::Call(call) => {
                let index = self.calls;
                self.calls += 1;
                ChatEvent::ToolCall(ToolCallPart {
                    index,
                    id: Some(call.id),
                    name: Some(call.name),
                    arguments: call.arguments,
                })
            }
        }
    }
}

fn unreadable(what: impl ToString) -> StreamError {
    StreamError::Unreadable(what.to_string())
}
