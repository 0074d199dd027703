//! Why an answer ended and what it cost.

use gyre_chat_wire::{ApiError, FinishReason, Usage};
use serde::Deserialize;

/// `usageMetadata`.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct UsageBody {
    prompt_token_count: Option<u64>,
    tool_use_prompt_token_count: Option<u64>,
    candidates_token_count: Option<u64>,
    thoughts_token_count: Option<u64>,
    cached_content_token_count: Option<u64>,
}

impl From<UsageBody> for Usage {
    /// Thoughts are written, and paid for, like text; tokens of a cache are among those of the prompt.
    fn from(body: UsageBody) -> Self {
        let both = |one: Option<u64>, other: Option<u64>| {
            let sum = one.unwrap_or_default().saturating_add(other.unwrap_or_default());
            narrow(sum)
        };
        Self {
            prompt_tokens: both(body.prompt_token_count, body.tool_use_prompt_token_count),
            completion_tokens: both(body.candidates_token_count, body.thoughts_token_count),
            cached_prompt_tokens: body.cached_content_token_count.map(narrow),
        }
    }
}

fn narrow(tokens: u64) -> u32 {
    u32::try_from(tokens).unwrap_or(u32::MAX)
}

/// Reads `finishReason`. `message` is `finishMessage`. A reason that tells of a model's failure is a failure here.
pub(crate) fn reason(reason: &str, message: Option<&str>, has_calls: bool) -> Result<FinishReason, ApiError> {
    match reason {
        "STOP" if has_calls => Ok(FinishReason::ToolCalls),
        "STOP" => Ok(FinishReason::Stop),
        "MAX_TOKENS" | "CONTINUATION" => Ok(FinishReason::Length),
        "SAFETY"
        | "RECITATION"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "MODEL_ARMOR"
        | "ESCALATION"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION" => Ok(FinishReason::ContentFilter),
        other => {
            let other: String = other.chars().take(64).collect();
            let said = message.map(|it| format!(" ({it})")).unwrap_or_default();
            let text = format!("the model gave up with {other:?}{said}; hint: try again");
            Err(ApiError::new(502, "model_failed", text))
        }
    }
}
