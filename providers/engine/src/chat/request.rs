//! The JSON of `gyre-chat/1`: what each field is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use minijinja::Value;
use serde::Deserialize;

pub(super) const PROTOCOL: &str = "gyre-chat/1";

/// A request for a completion.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChatRequest {
    pub(super) protocol: Option<String>,
    pub(crate) messages: Vec<Message>,
    #[serde(default)]
    pub(crate) tools: Vec<Tool>,
    #[serde(default)]
    pub(crate) tool_choice: ToolChoice,
    #[serde(default)]
    pub(crate) sampling: Sampling,
    #[serde(default)]
    pub(crate) budget: Budget,
    #[serde(default)]
    pub(crate) stop: Vec<String>,
    #[serde(default)]
    pub(crate) format: Format,
    /// A LoRA adapter of the model, by name.
    pub(crate) adapter: Option<String>,
}

/// One turn.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Message {
    pub(crate) role: Role,
    pub(crate) content: String,
    #[serde(default)]
    pub(crate) tool_calls: Vec<ToolCall>,
    pub(crate) tool_call_id: Option<String>,
}

/// Who wrote a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    System,
    User,
    Assistant,
    Tool,
}

impl Role {
    /// As templates name it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
        }
    }
}

/// A call the assistant made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ToolCall {
    pub(crate) id: String,
    pub(crate) name: String,
    /// A JSON object as text.
    pub(crate) arguments: String,
}

/// A tool the model may call.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tool {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: String,
    /// A JSON Schema. This kind of value keeps the order of its properties, which is the order of writing.
    pub(crate) parameters: Value,
}

/// Whether the model calls a tool.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum ToolChoice {
    /// As it sees fit.
    #[default]
    Auto,
    /// It must call one.
    Required,
    /// It must call this one.
    Tool { name: String },
}

/// How tokens are chosen.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sampling {
    pub(crate) temperature: Option<f32>,
    pub(crate) top_p: Option<f32>,
    pub(crate) top_k: Option<u32>,
    pub(crate) seed: Option<u64>,
    /// Makes tokens that stood before less likely; 1 does nothing.
    pub(crate) repeat_penalty: Option<f32>,
    /// How many of the last tokens count as before.
    pub(crate) repeat_last_n: Option<u32>,
}

/// Bounds on the call.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Budget {
    pub(crate) max_tokens: Option<u32>,
    deadline_ms: Option<u64>,
}

/// The shape of the answer.
#[derive(Debug, Default, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Format {
    #[default]
    Text,
    JsonObject,
    JsonSchema {
        schema: Value,
    },
}

impl Budget {
    /// When to give up.
    pub(crate) fn deadline(&self) -> Option<SystemTime> {
        self.deadline_ms
            .and_then(|at| UNIX_EPOCH.checked_add(Duration::from_millis(at)))
    }
}
