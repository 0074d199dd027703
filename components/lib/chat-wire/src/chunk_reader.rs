//! The client's side of a streamed completion.

use crate::ending::{FinishReason, ReasonBody, Usage, UsageBody};
use crate::error::{ApiError, parse_stream_error};
use crate::logprobs;
use crate::sse::{EventTooLong, SseParser};
use crate::types::{Logprobs, ToolCallPart};
use serde::Deserialize;
use serde_json::Value;

/// What a stream tells.
#[derive(Debug, Clone, PartialEq)]
pub enum ChatEvent {
    /// The model that answers; told once, first.
    Model(String),
    /// Text to append.
    Text(String),
    /// A piece of a tool call.
    ToolCall(ToolCallPart),
    /// How likely the next tokens were; at least one.
    Logprobs(Vec<Logprobs>),
    /// The completion ended for this reason.
    Finish(FinishReason),
    /// What it cost.
    Usage(Usage),
}

/// Why a stream is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StreamError {
    /// The service reported a failure in the stream.
    #[error(transparent)]
    Failed(ApiError),
    /// The body ended without `[DONE]`.
    #[error("the model's answer was cut before its end")]
    Cut,
    /// A chunk cannot be read.
    #[error("the model service sent a chunk this client cannot read: {0}")]
    Unreadable(String),
    /// An event is larger than a client will hold.
    #[error(transparent)]
    TooLong(#[from] EventTooLong),
}

/// Reads a streamed completion from bytes in any pieces.
#[derive(Debug, Default)]
pub struct ChunkReader {
    sse: SseParser,
    named: bool,
    done: bool,
}

impl ChunkReader {
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
            if event.data == "[DONE]" {
                self.done = true;
            } else {
                self.read(&event.data, &mut events)?;
            }
        }
        Ok(events)
    }

    /// Whether `[DONE]` has been read.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// The body has ended: without `[DONE]` that is a failure.
    pub fn finish(self) -> Result<(), StreamError> {
        if self.done { Ok(()) } else { Err(StreamError::Cut) }
    }

    fn read(&mut self, data: &str, events: &mut Vec<ChatEvent>) -> Result<(), StreamError> {
        let unreadable = |error: serde_json::Error| StreamError::Unreadable(error.to_string());
        let value: Value = serde_json::from_str(data).map_err(unreadable)?;
        if let Some(error) = parse_stream_error(&value) {
            return Err(StreamError::Failed(error));
        }
        let chunk: Chunk = serde_json::from_value(value).map_err(unreadable)?;
        // Some servers send a chunk about the prompt first, which names no model.
        if !self.named && !chunk.model.is_empty() {
            self.named = true;
            events.push(ChatEvent::Model(chunk.model));
        }
        for choice in chunk.choices {
            if choice.index != 0 {
                let what = format!("choice {} of one completion", choice.index);
                return Err(StreamError::Unreadable(what));
            }
            let logprobs = choice.logprobs.map(Vec::from).unwrap_or_default();
            if !logprobs.is_empty() {
                events.push(ChatEvent::Logprobs(logprobs));
            }
            if let Some(text) = choice.delta.content.filter(|text| !text.is_empty()) {
                events.push(ChatEvent::Text(text));
            }
            let calls = choice.delta.tool_calls.unwrap_or_default();
            events.extend(calls.into_iter().map(|call| ChatEvent::ToolCall(call.into())));
            let budget = choice.budget_exhausted;
            let finish = choice.finish_reason.map(|reason| reason.beside(budget.as_ref()));
            events.extend(finish.map(ChatEvent::Finish));
        }
        events.extend(chunk.usage.map(|usage| ChatEvent::Usage(usage.into())));
        Ok(())
    }
}

#[derive(Deserialize)]
struct Chunk {
    model: String,
    #[serde(default)]
    choices: Vec<ChunkChoice>,
    #[serde(default)]
    usage: Option<UsageBody>,
}

#[derive(Deserialize)]
struct ChunkChoice {
    #[serde(default)]
    index: u32,
    #[serde(default)]
    delta: DeltaBody,
    #[serde(default)]
    logprobs: Option<logprobs::Body>,
    #[serde(default)]
    finish_reason: Option<ReasonBody>,
    #[serde(default)]
    budget_exhausted: Option<Value>,
}

#[derive(Deserialize, Default)]
struct DeltaBody {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    tool_calls: Option<Vec<CallPart>>,
}

#[derive(Deserialize)]
struct CallPart {
    index: u32,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    function: FunctionPart,
}

#[derive(Deserialize, Default)]
struct FunctionPart {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    arguments: Option<String>,
}

impl From<CallPart> for ToolCallPart {
    fn from(part: CallPart) -> Self {
        let FunctionPart { name, arguments } = part.function;
        Self {
            index: part.index,
            id: part.id,
            name,
            arguments: arguments.unwrap_or_default(),
        }
    }
}
