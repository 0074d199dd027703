//! Streamed answers: pieces of a completion in, lines of JSON out (`application/x-ndjson`).

use crate::answer::{self, Timings};
use crate::asked::Shape;
use crate::calls::Calls;
use crate::failure::{error_json, out_of_place};
use crate::logprobs;
use gyre_chat_wire::{ApiError, ChatEvent, FinishReason, Logprobs, Usage};
use serde_json::Value;

/// Bytes that the arguments of tool calls may take, which are held until they are whole, and tokens, which are held until
/// their text comes.
const HELD_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Writes the lines of one answer. Each method gives the lines it causes, which may be none.
#[derive(Debug)]
pub struct LineWriter {
    shape: Shape,
    model: String,
    calls: Calls,
    held_bytes: usize,
    /// Told before the text they belong to.
    waiting: Vec<Logprobs>,
    finish: Option<FinishReason>,
    usage: Usage,
}

impl LineWriter {
    /// A writer of one answer by `model`.
    #[must_use]
    pub fn new(shape: Shape, model: String) -> Self {
        Self {
            shape,
            model,
            calls: Calls::default(),
            held_bytes: 0,
            waiting: Vec::new(),
            finish: None,
            usage: Usage::default(),
        }
    }

    /// Takes the next piece. `now_ms`: milliseconds since the Unix epoch. An error means that what answers did not keep
    /// to its wire: end with [`LineWriter::fail`].
    pub fn push(&mut self, event: &ChatEvent, now_ms: u64) -> Result<String, ApiError> {
        match event {
            ChatEvent::Model(model) => self.model.clone_from(model),
            ChatEvent::Logprobs(tokens) => {
                self.hold(logprobs::bytes(tokens))?;
                self.waiting.extend_from_slice(tokens);
            }
            ChatEvent::Usage(usage) => self.usage = *usage,
            ChatEvent::Text(text) => return Ok(line(&self.piece(text, now_ms))),
            ChatEvent::ToolCall(part) => {
                self.hold(part.arguments.len())?;
                self.calls.push(part)?;
            }
            ChatEvent::Finish(reason) => {
                self.finish = Some(*reason);
                return self.whole_calls(now_ms);
            }
        }
        Ok(String::new())
    }

    /// The last line, where the completion told its end; else it was cut, and the line says so.
    #[must_use]
    pub fn end(mut self, now_ms: u64, timings: &Timings) -> String {
        let Some(reason) = self.finish else {
            return Self::fail(&ApiError::new(
                502,
                "stream_cut",
                "the model's answer was cut before its end; hint: send the request again",
            ));
        };
        let mut last = self.piece("", now_ms);
        answer::end(&mut last, reason, self.usage, timings);
        line(&last)
    }

    /// The last line of an answer that failed after it began.
    #[must_use]
    pub fn fail(error: &ApiError) -> String {
        line(&error_json(error))
    }

    fn hold(&mut self, bytes: usize) -> Result<(), ApiError> {
        self.held_bytes += bytes;
        if self.held_bytes <= HELD_BYTES_MAX {
            return Ok(());
        }
        Err(out_of_place(
            "calls tools with more arguments, or tells of more tokens, than may be",
        ))
    }

    fn whole_calls(&mut self, now_ms: u64) -> Result<String, ApiError> {
        if self.calls.is_empty() {
            return Ok(String::new());
        }
        let calls = self.calls.json()?;
        self.calls = Calls::default();
        let mut piece = self.piece("", now_ms);
        answer::set_calls(self.shape, &mut piece, calls)?;
        Ok(line(&piece))
    }

    fn piece(&mut self, text: &str, now_ms: u64) -> Value {
        let mut piece = answer::piece(self.shape, &self.model, now_ms, text);
        let told = std::mem::take(&mut self.waiting);
        if !told.is_empty() {
            self.held_bytes -= logprobs::bytes(&told);
            piece["logprobs"] = logprobs::json(&told);
        }
        piece
    }
}

fn line(value: &Value) -> String {
    format!("{value}\n")
}
