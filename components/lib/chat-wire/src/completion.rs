//! Answers with completions: whole, or chunk by chunk.

use crate::error::WireError;
use crate::logprobs;
use crate::request::tool_call_json;
use crate::types::{FinishReason, Logprobs, ToolCall, ToolCallPart, Usage};
use serde::Deserialize;
use serde_json::{Value, json};

/// The last line of a stream that ended well. A stream without it was cut.
pub const DONE: &str = "data: [DONE]\n\n";

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
        json!({
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": self.model,
            "choices": [{
                "index": 0,
                "message": message,
                "logprobs": logprobs::json(&choice.logprobs),
                "finish_reason": choice.finish_reason,
            }],
            "usage": usage_json(self.usage),
        })
    }
}

fn usage_json(usage: Usage) -> Value {
    json!({
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": u64::from(usage.prompt_tokens) + u64::from(usage.completion_tokens),
    })
}

/// Writes the server-sent events of one completion. Each method gives the text of one event.
#[derive(Debug, Clone)]
pub struct ChunkWriter {
    id: String,
    created: u64,
    model: String,
    include_usage: bool,
}

impl ChunkWriter {
    /// A writer for one completion. `include_usage` is the request's.
    #[must_use]
    pub fn new(id: String, created: u64, model: String, include_usage: bool) -> Self {
        Self {
            id,
            created,
            model,
            include_usage,
        }
    }

    /// The first chunk: the role.
    #[must_use]
    pub fn role(&self) -> String {
        self.chunk(
            json!({ "role": "assistant", "content": "", "refusal": null }),
            None,
        )
    }

    /// Text to append.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        self.chunk(json!({ "content": text }), None)
    }

    /// A piece of a tool call.
    #[must_use]
    pub fn tool_call(&self, part: &ToolCallPart) -> String {
        let mut function = json!({ "arguments": part.arguments });
        if let Some(name) = &part.name {
            function["name"] = json!(name);
        }
        let mut call = json!({ "index": part.index, "function": function });
        if let Some(id) = &part.id {
            call["id"] = json!(id);
            call["type"] = json!("function");
        }
        self.chunk(json!({ "tool_calls": [call] }), None)
    }

    /// The end of a completion that went well: the reason, the usage where asked for, and [`DONE`].
    #[must_use]
    pub fn end(&self, reason: FinishReason, usage: Usage) -> String {
        let mut text = self.chunk(json!({}), Some(reason));
        if self.include_usage {
            let mut chunk = self.head();
            chunk["choices"] = json!([]);
            chunk["usage"] = usage_json(usage);
            text.push_str(&event(&chunk));
        }
        text.push_str(DONE);
        text
    }

    /// How likely the next tokens were.
    #[must_use]
    pub fn logprobs(&self, logprobs: &[Logprobs]) -> String {
        let mut chunk = self.head();
        chunk["choices"] = choices(json!({}), logprobs, None);
        event(&chunk)
    }

    fn chunk(&self, delta: Value, finish_reason: Option<FinishReason>) -> String {
        let mut chunk = self.head();
        chunk["choices"] = choices(delta, &[], finish_reason);
        event(&chunk)
    }

    fn head(&self) -> Value {
        let mut head = json!({
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
        });
        if self.include_usage {
            // OpenAI sends null in every chunk but the one that carries it.
            head["usage"] = Value::Null;
        }
        head
    }
}

fn choices(delta: Value, logprobs: &[Logprobs], finish_reason: Option<FinishReason>) -> Value {
    json!([{
        "index": 0,
        "delta": delta,
        "logprobs": logprobs::json(logprobs),
        "finish_reason": finish_reason,
    }])
}

impl crate::error::ApiError {
    /// The event that ends a stream which failed. No [`DONE`] may follow it.
    #[must_use]
    pub fn to_event(&self) -> String {
        event(&self.to_json())
    }
}

fn event(json: &Value) -> String {
    format!("data: {json}\n\n")
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
    finish_reason: FinishReason,
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

/// Usage as it stands on the wire.
#[derive(Deserialize)]
pub(crate) struct UsageBody {
    prompt_tokens: u32,
    #[serde(default)]
    completion_tokens: u32,
}

impl From<UsageBody> for Usage {
    fn from(body: UsageBody) -> Self {
        Self {
            prompt_tokens: body.prompt_tokens,
            completion_tokens: body.completion_tokens,
        }
    }
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
            finish_reason: choice.finish_reason,
        },
        usage: body.usage.map(Usage::from).unwrap_or_default(),
    })
}
