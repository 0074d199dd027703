//! Streamed messages: chunks of a completion in, events of Anthropic's API out, in their exact order.

use super::message::{self, Answer, unreadable};
use crate::wire;
use gyre_chat_wire::{ApiError, ChatEvent, FinishReason, ToolCallPart, Usage};
use serde_json::{Value, json};

/// An event that says nothing, to keep a connection alive. It may stand anywhere after the first event.
pub const PING: &str = "event: ping\ndata: {\"type\":\"ping\"}\n\n";

/// Bytes that the arguments of one call may take.
const ARGUMENTS_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Content blocks of one message.
const BLOCKS_MAX: u32 = 1_024;

/// Writes the events of one message. An error ends the stream with [`error_event`](super::error_event).
#[derive(Debug)]
pub struct MessageWriter {
    answer: Answer,
    begun: bool,
    /// Blocks begun so far.
    blocks: u32,
    /// Tool calls begun so far, those left out too.
    calls: u32,
    open: Open,
    finish: Option<FinishReason>,
    usage: Option<Usage>,
}

/// The block that is being written.
#[derive(Debug)]
enum Open {
    Nothing,
    Text,
    Call {
        name: String,
        arguments: String,
    },
    /// A call that is left out.
    Dropped,
}

impl MessageWriter {
    /// A writer at the start of a message.
    #[must_use]
    pub fn new(answer: Answer) -> Self {
        Self {
            answer,
            begun: false,
            blocks: 0,
            calls: 0,
            open: Open::Nothing,
            finish: None,
            usage: None,
        }
    }

    /// The events that this part of a completion becomes; often one, or none.
    pub fn push(&mut self, event: ChatEvent) -> Result<String, ApiError> {
        let mut out = String::new();
        match event {
            ChatEvent::Model(model) => {
                if !self.begun {
                    self.answer.model = model;
                }
                self.begin(&mut out);
            }
            ChatEvent::Text(text) => {
                self.begin(&mut out);
                self.text(&text, &mut out)?;
            }
            ChatEvent::ToolCall(part) => {
                self.begin(&mut out);
                self.call(part, &mut out)?;
            }
            // Not part of this API, so nobody asked.
            ChatEvent::Logprobs(_) => {}
            ChatEvent::Finish(reason) => {
                if self.finish.replace(reason).is_some() {
                    return Err(unreadable("it ended twice"));
                }
            }
            // Some servers tell it with every chunk; the last one counts.
            ChatEvent::Usage(usage) => self.usage = Some(usage),
        }
        Ok(out)
    }

    /// The last events, when the completion has ended as it should.
    pub fn end(mut self) -> Result<String, ApiError> {
        let reason = self
            .finish
            .ok_or_else(|| unreadable("it does not say why it ended"))?;
        let usage = self
            .usage
            .ok_or_else(|| unreadable("it does not say what it cost"))?;
        let name = message::stop_reason(reason, self.calls > 0)?;
        let mut out = String::new();
        self.begin(&mut out);
        self.close(message::is_cut(reason), &mut out)?;
        let delta = json!({
            "type": "message_delta",
            "delta": message::end(reason, name),
            "usage": message::usage_json(usage),
        });
        write(&mut out, "message_delta", &delta);
        write(&mut out, "message_stop", &json!({ "type": "message_stop" }));
        Ok(out)
    }

    fn begin(&mut self, out: &mut String) {
        if !std::mem::replace(&mut self.begun, true) {
            let message = message::head(&self.answer.id, &self.answer.model);
            write(
                out,
                "message_start",
                &json!({ "type": "message_start", "message": message }),
            );
        }
    }

    fn text(&mut self, text: &str, out: &mut String) -> Result<(), ApiError> {
        self.check_unfinished()?;
        if text.is_empty() {
            return Ok(());
        }
        if !matches!(self.open, Open::Text) {
            self.close(false, out)?;
            self.start(&json!({ "type": "text", "text": "" }), out)?;
            self.open = Open::Text;
        }
        self.delta(&json!({ "type": "text_delta", "text": text }), out);
        Ok(())
    }

    fn call(&mut self, part: ToolCallPart, out: &mut String) -> Result<(), ApiError> {
        self.check_unfinished()?;
        if part.index == self.calls {
            self.start_call(part.id, part.name, out)?;
        } else if part.index.checked_add(1) != Some(self.calls) || matches!(self.open, Open::Text) {
            return Err(unreadable("the parts of its tool calls are out of order"));
        }
        let Open::Call { arguments, .. } = &mut self.open else {
            return Ok(());
        };
        // Clients parse what there is after each part, and white space alone is no JSON.
        let piece = if arguments.is_empty() {
            part.arguments.trim_start()
        } else {
            &part.arguments
        };
        if piece.is_empty() {
            return Ok(());
        }
        if arguments.len() + piece.len() > ARGUMENTS_BYTES_MAX {
            return Err(unreadable("the arguments of a tool call are too long"));
        }
        arguments.push_str(piece);
        let delta = json!({ "type": "input_json_delta", "partial_json": piece });
        self.delta(&delta, out);
        Ok(())
    }

    fn start_call(
        &mut self,
        id: Option<String>,
        name: Option<String>,
        out: &mut String,
    ) -> Result<(), ApiError> {
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let (Some(id), Some(name)) = (given(id), given(name)) else {
            return Err(unreadable("a tool call has no id or no name"));
        };
        self.close(false, out)?;
        self.calls += 1;
        if self.answer.single_tool_use && self.calls > 1 {
            self.open = Open::Dropped;
            return Ok(());
        }
        self.start(
            &json!({ "type": "tool_use", "id": id, "name": name, "input": {} }),
            out,
        )?;
        self.open = Open::Call {
            name,
            arguments: String::new(),
        };
        Ok(())
    }

    /// Ends the block that is open. Only one that was `cut` may hold arguments that are no object.
    fn close(&mut self, cut: bool, out: &mut String) -> Result<(), ApiError> {
        match std::mem::replace(&mut self.open, Open::Nothing) {
            Open::Nothing | Open::Dropped => return Ok(()),
            Open::Call { name, arguments } if !cut && wire::arguments(&arguments).is_err() => {
                return Err(unreadable(&message::bad_arguments(&name)));
            }
            Open::Call { .. } | Open::Text => {}
        }
        let index = self.blocks - 1;
        let stop = json!({ "type": "content_block_stop", "index": index });
        write(out, "content_block_stop", &stop);
        Ok(())
    }

    fn start(&mut self, block: &Value, out: &mut String) -> Result<(), ApiError> {
        if self.blocks == BLOCKS_MAX {
            return Err(unreadable("it has too many parts"));
        }
        let start = json!({ "type": "content_block_start", "index": self.blocks, "content_block": block });
        self.blocks += 1;
        write(out, "content_block_start", &start);
        Ok(())
    }

    fn delta(&self, delta: &Value, out: &mut String) {
        let index = self.blocks - 1;
        let delta = json!({ "type": "content_block_delta", "index": index, "delta": delta });
        write(out, "content_block_delta", &delta);
    }

    fn check_unfinished(&self) -> Result<(), ApiError> {
        match self.finish {
            None => Ok(()),
            Some(_) => Err(unreadable("text or tool calls came after its end")),
        }
    }
}

fn write(out: &mut String, name: &str, data: &Value) {
    out.push_str(&format!("event: {name}\ndata: {data}\n\n"));
}
