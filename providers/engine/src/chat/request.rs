//! The JSON of `gyre-chat/1`: what each field is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use minijinja::Value;
use serde::Deserialize;

use super::place::Priority;

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
    /// Divides within the tenant that the host names.
    pub(crate) tenant: Option<String>,
    #[serde(default)]
    pub(crate) priority: Priority,
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
    /// Keeps tokens that are at least this likely beside the likeliest one; 0 does nothing.
    pub(crate) min_p: Option<f32>,
    /// Taken from a token's logit as often as it stood before.
    pub(crate) frequency_penalty: Option<f32>,
    /// Taken once from the logit of a token that stood before.
    pub(crate) presence_penalty: Option<f32>,
    #[serde(default)]
    pub(crate) logit_bias: Vec<LogitBias>,
    /// Tell how likely each token was, and this many of the likeliest beside it.
    pub(crate) logprobs: Option<u32>,
}

/// What is added to the logit of one token.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogitBias {
    pub(crate) token: BiasToken,
    pub(crate) bias: f32,
}

/// A token, by its number or by a text that is this one token.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum BiasToken {
    Id(u32),
    Text(String),
}

/// Bounds on the call.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Budget {
    /// Of the completion.
    pub(crate) max_tokens: Option<u32>,
    /// Of prompt and completion.
    pub(crate) total_tokens: Option<u32>,
    /// Millionths of the currency of the model's price.
    pub(crate) cost_micros_max: Option<u64>,
    /// From the call's arrival; then it ends with what there is.
    pub(crate) time_ms_max: Option<u64>,
    /// A time since 1970; then it fails.
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
