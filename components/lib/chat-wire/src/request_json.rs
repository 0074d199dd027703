//! Requests for completions, as clients write them.

use crate::types::{ChatRequest, Format, Message, Tool, ToolCall, ToolChoice};
use crate::{behalf, budget, sampling};
use serde_json::{Map, Value, json};

impl ChatRequest {
    /// The body of a request, for clients.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut body = Map::new();
        body.insert("model".into(), json!(self.model));
        body.insert(
            "messages".into(),
            self.messages.iter().map(message_json).collect(),
        );
        if !self.tools.is_empty() {
            body.insert("tools".into(), self.tools.iter().map(tool_json).collect());
        }
        let optional = [
            ("tool_choice", tool_choice_json(&self.tool_choice)),
            ("response_format", format_json(&self.format)),
            ("max_tokens", self.max_tokens.map(|it| json!(it))),
            ("stop", (!self.stop.is_empty()).then(|| json!(self.stop))),
            ("budget", budget::written(&self.budget)),
            ("adapter", self.adapter.as_ref().map(|it| json!(it))),
            ("tenant", self.tenant.as_ref().map(|it| json!(it))),
            ("service_tier", behalf::tier(self.priority).map(|it| json!(it))),
            ("stream", self.stream.then_some(Value::Bool(true))),
            (
                "stream_options",
                self.include_usage.then(|| json!({ "include_usage": true })),
            ),
        ];
        body.extend(
            optional
                .into_iter()
                .chain(sampling::written(&self.sampling))
                .filter_map(|(name, value)| Some((name.to_owned(), value?))),
        );
        Value::Object(body).to_string().into_bytes()
    }
}

fn format_json(format: &Format) -> Option<Value> {
    match format {
        Format::Text => None,
        Format::JsonObject => Some(json!({ "type": "json_object" })),
        Format::JsonSchema(schema) => {
            let named = json!({ "name": "answer", "strict": true, "schema": json_or_text(schema) });
            Some(json!({ "type": "json_schema", "json_schema": named }))
        }
    }
}

fn tool_choice_json(choice: &ToolChoice) -> Option<Value> {
    match choice {
        ToolChoice::Auto => None,
        ToolChoice::Required => Some(json!("required")),
        ToolChoice::Tool(name) => Some(json!({ "type": "function", "function": { "name": name } })),
    }
}

fn message_json(message: &Message) -> Value {
    let mut json = json!({ "role": message.role.as_str(), "content": message.content });
    if !message.tool_calls.is_empty() {
        json["tool_calls"] = message.tool_calls.iter().map(tool_call_json).collect();
    }
    if let Some(id) = &message.tool_call_id {
        json["tool_call_id"] = json!(id);
    }
    json
}

/// A tool call as it stands in messages of the assistant.
pub(crate) fn tool_call_json(call: &ToolCall) -> Value {
    json!({ "id": call.id, "type": "function", "function": { "name": call.name, "arguments": call.arguments } })
}

fn tool_json(tool: &Tool) -> Value {
    let function = json!({
        "name": tool.name,
        "description": tool.description,
        "parameters": json_or_text(&tool.parameters),
    });
    json!({ "type": "function", "function": function })
}

/// A schema held as text. What is not JSON goes out as a string, which the server refuses by name.
fn json_or_text(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| json!(text))
}
