//! Whether a streamed answer keeps the protocol, event by event. Pure.

use gyre_chat_wire::{ChatEvent, FinishReason, Logprobs, ToolCallPart, Usage};

/// Bytes of text and arguments that one completion may have.
const BYTES_MAX: usize = 16 * 1024 * 1024;
const CALLS_MAX: usize = 128;
const NAME_BYTES_MAX: usize = 256;

/// What a reader of the completion gets.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece {
    /// Text to append.
    Text(String),
    /// A part of a tool call, its id and name with the first part only.
    ToolCall(ToolCallPart),
    /// How likely the next tokens were.
    Logprobs(Vec<Logprobs>),
}

/// What is wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Lie {
    #[error("the answer names no model")]
    NoModel,
    #[error("the name of the model is too long or not printable")]
    ModelName,
    #[error("text or tool calls came after the end of the answer")]
    AfterFinish,
    #[error("the answer ended twice")]
    FinishedTwice,
    #[error("the stream ended without saying why the answer did")]
    Unfinished,
    #[error("the stream ended without its usage")]
    NoUsage,
    #[error(
        "the answer has text and does not say how likely it was, though that was asked for; hint: leave out logprobs"
    )]
    NoLogprobs,
    #[error("the answer ends with tool calls and has none")]
    NoCalls,
    #[error("the parts of tool calls are out of order")]
    CallOrder,
    #[error("a tool call has no id or no name, or changes it")]
    CallIdentity,
    #[error("the answer has more than {CALLS_MAX} tool calls")]
    ManyCalls,
    #[error("the answer is larger than {BYTES_MAX} bytes")]
    TooLarge,
}

/// What has been seen of one completion.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    model: Option<String>,
    /// Id and name of each tool call so far.
    calls: Vec<(String, String)>,
    bytes: usize,
    finish: Option<FinishReason>,
    usage: Option<Usage>,
    has_text: bool,
    /// How likely its tokens are was asked for and not told yet.
    owes_logprobs: bool,
}

impl Progress {
    /// Of a completion whose request asks how likely its tokens are, or does not.
    pub(crate) fn new(asks_logprobs: bool) -> Self {
        Self {
            owes_logprobs: asks_logprobs,
            ..Self::default()
        }
    }

    /// The model that answers, when it has been told.
    pub(crate) fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// Takes the next event, and gives what is to be handed on.
    pub(crate) fn take(&mut self, event: ChatEvent) -> Result<Option<Piece>, Lie> {
        match event {
            ChatEvent::Model(name) => {
                if name.len() > NAME_BYTES_MAX || name.contains(char::is_control) {
                    return Err(Lie::ModelName);
                }
                self.model = Some(name);
                Ok(None)
            }
            ChatEvent::Text(text) => {
                self.count(text.len())?;
                self.has_text = true;
                Ok(Some(Piece::Text(text)))
            }
            ChatEvent::Logprobs(all) => {
                let tokens = all.iter().flat_map(|it| it.top.iter().chain([&it.chosen]));
                self.count(tokens.map(|it| it.bytes.len() + size_of::<f32>()).sum())?;
                self.owes_logprobs = false;
                Ok(Some(Piece::Logprobs(all)))
            }
            ChatEvent::ToolCall(part) => {
                self.count(part.arguments.len())?;
                self.call(part)
            }
            ChatEvent::Finish(_) if self.finish.is_some() => Err(Lie::FinishedTwice),
            ChatEvent::Finish(reason) => {
                self.finish = Some(reason);
                Ok(None)
            }
            // Some servers tell it with every chunk; the last one counts.
            ChatEvent::Usage(usage) => {
                self.usage = Some(usage);
                Ok(None)
            }
        }
    }

    /// How it ended, when the stream has ended as it should.
    pub(crate) fn outcome(&self) -> Result<(FinishReason, Usage), Lie> {
        let finish = self.finish.ok_or(Lie::Unfinished)?;
        let usage = self.usage.ok_or(Lie::NoUsage)?;
        if self.model.is_none() {
            return Err(Lie::NoModel);
        }
        if self.owes_logprobs && self.has_text {
            return Err(Lie::NoLogprobs);
        }
        match (finish, self.calls.is_empty()) {
            (FinishReason::ToolCalls, true) => Err(Lie::NoCalls),
            // A call that the request demanded ends with `stop` on OpenAI's own servers: it waits for results too.
            (FinishReason::Stop, false) => Ok((FinishReason::ToolCalls, usage)),
            _ => Ok((finish, usage)),
        }
    }

    fn count(&mut self, bytes: usize) -> Result<(), Lie> {
        if self.model.is_none() {
            return Err(Lie::NoModel);
        }
        if self.finish.is_some() {
            return Err(Lie::AfterFinish);
        }
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > BYTES_MAX {
            return Err(Lie::TooLarge);
        }
        Ok(())
    }

    fn call(&mut self, part: ToolCallPart) -> Result<Option<Piece>, Lie> {
        let index = part.index as usize;
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let (id, name) = (given(part.id), given(part.name));
        if index == self.calls.len() {
            if index == CALLS_MAX {
                return Err(Lie::ManyCalls);
            }
            let (Some(id), Some(name)) = (id, name) else {
                return Err(Lie::CallIdentity);
            };
            if id.len().max(name.len()) > NAME_BYTES_MAX || self.calls.iter().any(|(known, _)| *known == id) {
                return Err(Lie::CallIdentity);
            }
            self.calls.push((id.clone(), name.clone()));
            return Ok(Some(Piece::ToolCall(ToolCallPart {
                id: Some(id),
                name: Some(name),
                ..part_of(part.index, part.arguments)
            })));
        }
        if index + 1 != self.calls.len() {
            return Err(Lie::CallOrder);
        }
        // Some servers repeat both with every part.
        let (known_id, known_name) = &self.calls[index];
        if id.is_some_and(|id| id != *known_id) || name.is_some_and(|name| name != *known_name) {
            return Err(Lie::CallIdentity);
        }
        if part.arguments.is_empty() {
            return Ok(None);
        }
        Ok(Some(Piece::ToolCall(part_of(part.index, part.arguments))))
    }
}

fn part_of(index: u32, arguments: String) -> ToolCallPart {
    ToolCallPart {
        index,
        id: None,
        name: None,
        arguments,
    }
}

#[cfg(test)]
#[path = "progress_tests.rs"]
mod tests;
