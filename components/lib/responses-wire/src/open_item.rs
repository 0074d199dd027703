//! The item of an answer that pieces are added to.

use crate::items::{self, Progress};
use crate::logprobs;
use crate::response::Head;
use gyre_chat_wire::{Logprobs, ToolCall};
use serde_json::{Value, json};

#[derive(Debug)]
pub(crate) enum OpenItem {
    Text { text: String, tokens: Vec<Logprobs> },
    Call(ToolCall),
}

impl OpenItem {
    /// A message without text yet.
    pub(crate) fn text() -> Self {
        Self::Text {
            text: String::new(),
            tokens: Vec::new(),
        }
    }

    /// What its id begins with.
    pub(crate) fn id_kind(&self) -> &'static str {
        match self {
            Self::Text { .. } => "msg",
            Self::Call(_) => "fc",
        }
    }

    /// The item when it is added: a message has no parts yet.
    pub(crate) fn added(&self, head: &Head, index: usize) -> Value {
        match self {
            Self::Text { .. } => items::message(&head.item_id("msg", index), &[], Progress::Going),
            Self::Call(call) => items::call(&head.item_id("fc", index), call, Progress::Going),
        }
    }

    /// The item as it stands.
    pub(crate) fn item(&self, head: &Head, index: usize, progress: Progress) -> Value {
        match self {
            Self::Text { text, tokens } => {
                let part = items::text_part(text, tokens);
                items::message(&head.item_id("msg", index), &[part], progress)
            }
            Self::Call(call) => items::call(&head.item_id("fc", index), call, progress),
        }
    }

    /// The events that end what is within it.
    pub(crate) fn done(&self) -> Vec<(&'static str, Value)> {
        match self {
            Self::Text { text, tokens } => {
                let told = logprobs::json(tokens);
                let part = items::text_part(text, tokens);
                vec![
                    (
                        "response.output_text.done",
                        json!({ "content_index": 0, "text": text, "logprobs": told }),
                    ),
                    (
                        "response.content_part.done",
                        json!({ "content_index": 0, "part": part }),
                    ),
                ]
            }
            Self::Call(call) => vec![(
                "response.function_call_arguments.done",
                json!({ "name": call.name, "arguments": call.arguments }),
            )],
        }
    }
}
