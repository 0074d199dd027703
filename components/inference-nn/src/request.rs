//! The JSON inside the tensor `request` of `gyre-chat/1`. Pure.

use crate::bindings::exports::gyre::inference::types::{
    Budget, ChatRequest, Message, Priority, ResponseFormat, Role, ToolChoice,
};
use crate::sampling::SamplingJson;
use serde::Serialize;
use serde_json::value::RawValue;

#[derive(Serialize)]
struct Request<'a> {
    protocol: &'static str,
    messages: Vec<MessageJson<'a>>,
    tools: Vec<ToolJson<'a>>,
    #[serde(skip_serializing_if = "ToolChoiceJson::is_auto")]
    tool_choice: ToolChoiceJson<'a>,
    sampling: SamplingJson<'a>,
    budget: BudgetJson,
    stop: &'a [String],
    format: FormatJson<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    adapter: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<&'static str>,
}

#[derive(Serialize)]
struct MessageJson<'a> {
    role: &'static str,
    content: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<ToolCallJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<&'a str>,
}

#[derive(Serialize)]
struct ToolCallJson<'a> {
    id: &'a str,
    name: &'a str,
    arguments: &'a str,
}

#[derive(Serialize)]
struct ToolJson<'a> {
    name: &'a str,
    description: &'a str,
    parameters: &'a RawValue,
}

#[derive(Serialize)]
struct BudgetJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_micros_max: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_ms_max: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline_ms: Option<u64>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum FormatJson<'a> {
    Text,
    JsonObject,
    JsonSchema { schema: &'a RawValue },
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ToolChoiceJson<'a> {
    Auto,
    Required,
    Tool { name: &'a str },
}

impl ToolChoiceJson<'_> {
    fn is_auto(&self) -> bool {
        matches!(self, Self::Auto)
    }
}

/// The tensor `request`. Fails with a public text when a schema in it is not JSON.
pub(crate) fn request_json(request: &ChatRequest) -> Result<Vec<u8>, String> {
    let tools = request
        .tools
        .iter()
        .map(|tool| {
            let parameters = raw(&tool.parameters, &tool.name)?;
            Ok(ToolJson {
                name: &tool.name,
                description: &tool.description,
                parameters,
            })
        })
        .collect::<Result<_, String>>()?;
    let format = match &request.format {
        ResponseFormat::Text => FormatJson::Text,
        ResponseFormat::JsonObject => FormatJson::JsonObject,
        ResponseFormat::JsonSchema(schema) => FormatJson::JsonSchema {
            schema: raw(schema, "response format")?,
        },
    };
    let body = Request {
        protocol: "gyre-chat/1",
        messages: request.messages.iter().map(message_json).collect(),
        tools,
        tool_choice: match &request.tool_choice {
            ToolChoice::Auto => ToolChoiceJson::Auto,
            ToolChoice::Required => ToolChoiceJson::Required,
            ToolChoice::Tool(name) => ToolChoiceJson::Tool { name },
        },
        sampling: SamplingJson::of(&request.sampling),
        budget: budget_json(&request.budget),
        stop: &request.stop,
        format,
        adapter: request.adapter.as_deref(),
        tenant: request.tenant.as_deref(),
        priority: match request.priority {
            Priority::Low => Some("low"),
            // What the engine does by itself needs no word.
            Priority::Normal => None,
            Priority::High => Some("high"),
        },
    };
    serde_json::to_vec(&body).map_err(|error| format!("the request cannot be written as JSON: {error}"))
}

fn budget_json(budget: &Budget) -> BudgetJson {
    BudgetJson {
        max_tokens: budget.max_tokens,
        total_tokens: budget.total_tokens,
        cost_micros_max: budget.cost_micros_max,
        time_ms_max: budget.time_ms_max,
        deadline_ms: budget.deadline_ms,
    }
}

fn raw<'a>(json: &'a str, of: &str) -> Result<&'a RawValue, String> {
    serde_json::from_str(json).map_err(|error| format!("the schema of `{of}` is not JSON: {error}"))
}

fn message_json(message: &Message) -> MessageJson<'_> {
    MessageJson {
        role: match message.role {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
            Role::Tool => "tool",
        },
        content: &message.content,
        tool_calls: message
            .tool_calls
            .iter()
            .map(|call| ToolCallJson {
                id: &call.id,
                name: &call.name,
                arguments: &call.arguments,
            })
            .collect(),
        tool_call_id: message.tool_call_id.as_deref(),
    }
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
