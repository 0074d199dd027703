//! The events of a streamed message, as they stand on the wire.

use super::answer::Block;
use crate::wire::UsageBody;
use serde::Deserialize;

/// Names of the events that are read. Others are ignored: the API's versions promise no less.
pub(super) const READ: [&str; 6] = [
    "message_start",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
];

/// One of them.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Event {
    MessageStart {
        message: Start,
    },
    ContentBlockStart {
        index: usize,
        content_block: Block,
    },
    ContentBlockDelta {
        index: usize,
        delta: Delta,
    },
    ContentBlockStop {
        index: usize,
    },
    MessageDelta {
        delta: End,
        #[serde(default)]
        usage: UsageBody,
    },
    MessageStop,
}

/// The message without its content.
#[derive(Deserialize)]
pub(super) struct Start {
    pub(super) model: String,
    pub(super) usage: UsageBody,
}

/// A part of a block.
#[derive(Deserialize)]
#[serde(tag = "type")]
pub(super) enum Delta {
    #[serde(rename = "text_delta")]
    Text { text: String },
    #[serde(rename = "input_json_delta")]
    InputJson { partial_json: String },
    #[serde(rename = "thinking_delta")]
    Thinking {},
    #[serde(rename = "signature_delta")]
    Signature {},
    /// Sources of a text, which is told without them.
    #[serde(rename = "citations_delta")]
    Citations {},
}

/// What is known at the end only.
#[derive(Deserialize)]
pub(super) struct End {
    #[serde(default)]
    pub(super) stop_reason: Option<String>,
}
