//! Streamed answers: pieces of a completion in, events out.

use crate::echo::Echo;
use crate::events::Events;
use crate::items::{self, Progress};
use crate::open_item::OpenItem;
use crate::response::{self, Head, State};
use crate::{failure, logprobs};
use gyre_chat_wire::{ApiError, ChatEvent, FinishReason, Logprobs, ToolCall, ToolCallPart, Usage};
use serde_json::{Value, json};

/// Bytes that the texts, arguments and tokens of one answer may take: they are repeated at its end.
const OUTPUT_BYTES_MAX: usize = 16 * 1024 * 1024;
const ITEMS_MAX: usize = 256;

/// Writes the events of one response, in the order that clients demand. Each method gives the text of the events it
/// causes, which may be none.
#[derive(Debug)]
pub struct ResponseWriter {
    head: Head,
    echo: Echo,
    events: Events,
    closed: Vec<Value>,
    open: Option<OpenItem>,
    /// The indices of the first call and of the one that is open or was last.
    calls: Option<(u32, u32)>,
    /// Told before the text they belong to.
    waiting: Vec<Logprobs>,
    finish: Option<FinishReason>,
    usage: Usage,
    output_bytes: usize,
}

impl ResponseWriter {
    /// A writer of one answer.
    #[must_use]
    pub fn new(head: Head, echo: Echo) -> Self {
        Self {
            head,
            echo,
            events: Events::default(),
            closed: Vec::new(),
            open: None,
            calls: None,
            waiting: Vec::new(),
            finish: None,
            usage: Usage::default(),
            output_bytes: 0,
        }
    }

    /// The first two events. They come before anything else.
    #[must_use]
    pub fn start(&mut self) -> String {
        let going = json!({ "response": self.body(Vec::new(), &State::Going) });
        let created = self.events.write("response.created", going.clone());
        created + &self.events.write("response.in_progress", going)
    }

    /// Takes the next piece. An error means that what answers did not keep to its wire, or says too much: end with
    /// [`ResponseWriter::fail`].
    pub fn push(&mut self, event: &ChatEvent) -> Result<String, ApiError> {
        match event {
            ChatEvent::Model(model) => self.head.model.clone_from(model),
            ChatEvent::Logprobs(tokens) => {
                self.grow(logprobs::bytes(tokens))?;
                self.waiting.extend_from_slice(tokens);
            }
            ChatEvent::Finish(reason) => self.finish = Some(*reason),
            ChatEvent::Usage(usage) => self.usage = *usage,
            ChatEvent::Text(text) => {
                self.grow(text.len())?;
                return Ok(self.text(text));
            }
            ChatEvent::ToolCall(part) => return self.call(part),
        }
        Ok(String::new())
    }

    /// The end, where the completion told its own; else it was cut, and the stream says so. `completed_s`: now, in
    /// seconds since the Unix epoch.
    #[must_use]
    pub fn end(mut self, completed_s: u64) -> String {
        let Some(reason) = self.finish else {
            return self.fail(&ApiError::new(
                502,
                "stream_cut",
                "the model's answer was cut before its end; hint: send the request again",
            ));
        };
        let mut text = String::new();
        let said = self.open.is_some() || !self.closed.is_empty();
        if !said {
            text += &self.open_text();
        }
        text += &self.close(response::progress(reason));
        let state = State::Ended {
            reason,
            usage: self.usage,
            completed_s,
        };
        let output = std::mem::take(&mut self.closed);
        let whole = json!({ "response": self.body(output, &state) });
        let kind = match response::incomplete(reason) {
            Some(_) => "response.incomplete",
            None => "response.completed",
        };
        text + &self.events.write(kind, whole)
    }

    /// The end of an answer that failed after it began: the events `error` and `response.failed`.
    #[must_use]
    pub fn fail(mut self, error: &ApiError) -> String {
        let told = self.events.write("error", failure::event(error));
        let mut output = std::mem::take(&mut self.closed);
        if let Some(open) = self.open.take() {
            output.push(open.item(&self.head, output.len(), Progress::Cut));
        }
        let state = State::Failed(failure::member(error));
        let whole = json!({ "response": self.body(output, &state) });
        told + &self.events.write("response.failed", whole)
    }

    fn body(&self, output: Vec<Value>, state: &State) -> Value {
        response::body(&self.head, &self.echo, output, state)
    }

    fn grow(&mut self, bytes: usize) -> Result<(), ApiError> {
        self.output_bytes += bytes;
        if self.output_bytes <= OUTPUT_BYTES_MAX && self.closed.len() < ITEMS_MAX {
            return Ok(());
        }
        Err(ApiError::new(
            502,
            "answer_too_large",
            format!("the model's answer is larger than {OUTPUT_BYTES_MAX} bytes or {ITEMS_MAX} items"),
        ))
    }

    fn text(&mut self, piece: &str) -> String {
        let mut events = String::new();
        if !matches!(self.open, Some(OpenItem::Text { .. })) {
            events += &self.close(Progress::Complete);
            events += &self.open_text();
        }
        let told = std::mem::take(&mut self.waiting);
        let delta = json!({ "content_index": 0, "delta": piece, "logprobs": logprobs::json(&told) });
        if let Some(OpenItem::Text { text, tokens }) = &mut self.open {
            text.push_str(piece);
            tokens.extend(told);
        }
        events + &self.of_item("response.output_text.delta", "msg", delta)
    }

    fn open_text(&mut self) -> String {
        let added = self.add(OpenItem::text());
        let part = json!({ "content_index": 0, "part": items::text_part("", &[]) });
        added + &self.of_item("response.content_part.added", "msg", part)
    }

    fn call(&mut self, part: &ToolCallPart) -> Result<String, ApiError> {
        self.grow(part.arguments.len())?;
        let is_open = matches!(self.open, Some(OpenItem::Call(_)));
        let mut events = String::new();
        match self.calls {
            // One call at most was asked for: as other servers do, the first one is answered.
            Some((first, _)) if !self.echo.parallel_tool_calls() && part.index != first => return Ok(events),
            Some((_, last)) if last == part.index && is_open => {}
            Some((_, last)) if last >= part.index => {
                return Err(out_of_place("goes on with a tool call that had ended"));
            }
            _ => {
                events += &self.close(Progress::Complete);
                events += &self.open_call(part)?;
            }
        }
        if !part.arguments.is_empty() {
            events += &self.arguments(&part.arguments);
        }
        Ok(events)
    }

    fn open_call(&mut self, part: &ToolCallPart) -> Result<String, ApiError> {
        let name = part.name.as_deref().filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| out_of_place("calls a tool without its name"))?;
        let id = part.id.clone().filter(|id| !id.is_empty());
        let call = ToolCall {
            id: id.unwrap_or_else(|| self.head.item_id("call", self.closed.len())),
            name: name.to_owned(),
            arguments: String::new(),
        };
        let first = self.calls.map_or(part.index, |(first, _)| first);
        self.calls = Some((first, part.index));
        Ok(self.add(OpenItem::Call(call)))
    }

    fn arguments(&mut self, piece: &str) -> String {
        if let Some(OpenItem::Call(call)) = &mut self.open {
            call.arguments.push_str(piece);
        }
        let delta = json!({ "delta": piece });
        self.of_item("response.function_call_arguments.delta", "fc", delta)
    }

    fn add(&mut self, item: OpenItem) -> String {
        let index = self.closed.len();
        let added = json!({ "output_index": index, "item": item.added(&self.head, index) });
        self.open = Some(item);
        self.events.write("response.output_item.added", added)
    }

    /// Ends the open item, if there is one.
    fn close(&mut self, progress: Progress) -> String {
        let mut events = String::new();
        let unsaid = matches!(&self.open, Some(OpenItem::Call(call)) if call.arguments.is_empty());
        if unsaid && progress == Progress::Complete {
            // No arguments are an empty object: clients parse them.
            events += &self.arguments(items::NO_ARGUMENTS);
        }
        let Some(mut open) = self.open.take() else {
            return events;
        };
        let waiting = std::mem::take(&mut self.waiting);
        // How likely the tokens of a call were has no place in this API.
        if let OpenItem::Text { tokens, .. } = &mut open {
            tokens.extend(waiting);
        }
        for (kind, data) in open.done() {
            events += &self.of_item(kind, open.id_kind(), data);
        }
        let index = self.closed.len();
        let item = open.item(&self.head, index, progress);
        let done = json!({ "output_index": index, "item": item });
        self.closed.push(item);
        events + &self.events.write("response.output_item.done", done)
    }

    /// An event about the open item.
    fn of_item(&mut self, kind: &str, id_kind: &str, mut data: Value) -> String {
        let index = self.closed.len();
        data["item_id"] = json!(self.head.item_id(id_kind, index));
        data["output_index"] = json!(index);
        self.events.write(kind, data)
    }
}

fn out_of_place(what: &str) -> ApiError {
    ApiError::new(502, "unreadable", format!("the model service {what}"))
}
