//! How a completion ended and what it cost, as members of an answer: written by servers, read by clients.

use serde::Deserialize;
use serde_json::{Value, json};

/// Why a completion ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FinishReason {
    /// The model ended its turn, or a stop string was met.
    Stop,
    /// The token limit was used up.
    Length,
    /// The model waits for tool results.
    ToolCalls,
    /// Content was withheld.
    ContentFilter,
    /// The budget of money was used up.
    CostExhausted,
    /// The budget of time was used up.
    TimeExhausted,
}

impl FinishReason {
    /// The member `finish_reason`. OpenAI knows four, and its clients may refuse a fifth: budgets count as `length`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length | Self::CostExhausted | Self::TimeExhausted => "length",
            Self::ToolCalls => "tool_calls",
            Self::ContentFilter => "content_filter",
        }
    }

    /// The member `budget_exhausted`: the field of `budget` that ended the completion.
    #[must_use]
    pub fn budget_exhausted(self) -> Option<&'static str> {
        match self {
            Self::CostExhausted => Some("cost_micros_max"),
            Self::TimeExhausted => Some("time_ms_max"),
            Self::Stop | Self::Length | Self::ToolCalls | Self::ContentFilter => None,
        }
    }

    /// Writes both into a choice; before the end there is none.
    pub(crate) fn write(reason: Option<Self>, choice: &mut Value) {
        choice["finish_reason"] = reason.map_or(Value::Null, |it| json!(it.as_str()));
        if let Some(budget) = reason.and_then(Self::budget_exhausted) {
            choice["budget_exhausted"] = json!(budget);
        }
    }
}

/// `finish_reason` as it stands on the wire.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReasonBody {
    Stop,
    Length,
    ToolCalls,
    ContentFilter,
}

impl ReasonBody {
    /// With `budget_exhausted` beside it; what another server means by that is left alone.
    pub(crate) fn beside(self, budget_exhausted: Option<&Value>) -> FinishReason {
        match (self, budget_exhausted.and_then(Value::as_str)) {
            (Self::Length, Some("cost_micros_max")) => FinishReason::CostExhausted,
            (Self::Length, Some("time_ms_max")) => FinishReason::TimeExhausted,
            (Self::Length, _) => FinishReason::Length,
            (Self::Stop, _) => FinishReason::Stop,
            (Self::ToolCalls, _) => FinishReason::ToolCalls,
            (Self::ContentFilter, _) => FinishReason::ContentFilter,
        }
    }
}

/// Tokens spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Tokens read.
    pub prompt_tokens: u32,
    /// Tokens written.
    pub completion_tokens: u32,
    /// Of those read, the ones that were not computed again; nothing where that is not known.
    pub cached_prompt_tokens: Option<u32>,
}

impl Usage {
    /// The member `usage`.
    pub(crate) fn to_json(self) -> Value {
        let mut json = json!({
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": u64::from(self.prompt_tokens) + u64::from(self.completion_tokens),
        });
        if let Some(cached) = self.cached_prompt_tokens {
            json["prompt_tokens_details"] = json!({ "cached_tokens": cached });
        }
        json
    }
}

/// `usage` as it stands on the wire.
#[derive(Deserialize)]
pub(crate) struct UsageBody {
    prompt_tokens: u32,
    #[serde(default)]
    completion_tokens: u32,
    #[serde(default)]
    prompt_tokens_details: Option<PromptDetails>,
}

#[derive(Deserialize)]
struct PromptDetails {
    #[serde(default)]
    cached_tokens: Option<u32>,
}

impl From<UsageBody> for Usage {
    fn from(body: UsageBody) -> Self {
        Self {
            prompt_tokens: body.prompt_tokens,
            completion_tokens: body.completion_tokens,
            cached_prompt_tokens: body.prompt_tokens_details.and_then(|it| it.cached_tokens),
        }
    }
}
