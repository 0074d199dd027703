//! Answers with whole completions.

use crate::ending::{FinishReason, ReasonBody, Usage, UsageBody};
use crate::error::WireError;
use crate::logprobs;
use crate::request_json::tool_call_json;
use crate::types::{Logprobs, ToolCall};
use serde::Deserialize;
use serde_json::{Value, json};

/// The message of a whole completion.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// Text.
    pub content: String,
    /// Calls the model asks for.
    pub tool_calls: Vec<ToolCall>,
    /// How likely each of its tokens was; empty where that was not asked for.
    pub logprobs: Vec<Logprobs>,
    /// Why it ended.
    pub finish_reason: FinishReason,
}

/// A whole completion.
#[derive(Debug, Clone, PartialEq)]
pub struct Completion {
    /// `chatcmpl-…`.
    pub id: String,
    /// Seconds since the Unix epoch.
    pub created: u64,
    /// The model that answered.
    pub model: String,
    /// What it said.
    pub choice: Choice,
    /// What it cost.
    pub usage: Usage,
}

impl Completion {
    /// The body of the answer.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let choice = &self.choice;
        let content = if choice.content.is_empty() && !choice.tool_calls.is_empty() {
            Value::Null
        } else {
            json!(choice.content)
        };
        let mut message = json!({ "role": "assistant", "content": content, "refusal": null });
        if !choice.tool_calls.is_empty() {
            message["tool_calls"] = choice.tool_calls.iter().map(tool_call_json).collect();
        }
        let mut said = json!({
            "index": 0,
            "message": message,
            "logprobs": logprobs::json(&choice.logprobs),
        });
        FinishReason::write(Some(choice.finish_reason), &mut said);
        json!({
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": self.model,
            "choices": [said],
            "usage": self.usage.to_json(),
        })
    }
}

#[derive(Deserialize)]
struct Body {
    id: String,
    #[serde(default)]
    created: u64,
    model: String,
    choices: Vec<ChoiceBody>,
    #[serde(default)]
    usage: Option<UsageBody>,
}

#[derive(Deserialize)]
struct ChoiceBody {
    message: MessageBody,
    #[serde(default)]
    logprobs: Option<logprobs::Body>,
    finish_reason: ReasonBody,
    #[serde(default)]
    budget_exhausted: Option<Value>,
}

#[derive(Deserialize)]
struct MessageBody {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    tool_calls: Option<Vec<CallBody>>,
}

#[derive(Deserialize)]
struct CallBody {
    id: String,
    function: FunctionBody,
}

#[derive(Deserialize)]
struct FunctionBody {
    name: String,
    arguments: String,
}

/// Reads a whole completion, for clients.
pub fn parse_completion(body: &[u8]) -> Result<Completion, WireError> {
    let body: Body =
        serde_json::from_slice(body).map_err(|error| WireError(format!("a completion: {error}")))?;
    let choice = body
        .choices
        .into_iter()
        .next()
        .ok_or_else(|| WireError("a completion without choices".into()))?;
    let calls = choice.message.tool_calls.unwrap_or_default();
    Ok(Completion {
        id: body.id,
        created: body.created,
        model: body.model,
        choice: Choice {
            content: choice.message.content.unwrap_or_default(),
            tool_calls: calls
                .into_iter()
                .map(|call| ToolCall {
                    id: call.id,
                    name: call.function.name,
                    arguments: call.function.arguments,
                })
                .collect(),
            logprobs: choice.logprobs.map(Vec::from).unwrap_or_default(),
            finish_reason: choice.finish_reason.beside(choice.budget_exhausted.as_ref()),
        },
        usage: body.usage.map(Usage::from).unwrap_or_default(),
    })
}
