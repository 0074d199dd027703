//! Answers with completions, chunk by chunk.

use crate::ending::{FinishReason, Usage};
use crate::logprobs;
use crate::types::{Logprobs, ToolCallPart};
use serde_json::{Value, json};

/// The last line of a stream that ended well. A stream without it was cut.
pub const DONE: &str = "data: [DONE]\n\n";

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
            chunk["usage"] = usage.to_json();
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
    let mut choice = json!({ "index": 0, "delta": delta, "logprobs": logprobs::json(logprobs) });
    FinishReason::write(finish_reason, &mut choice);
    json!([choice])
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
