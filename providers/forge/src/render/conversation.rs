//! Messages and tools in the terms of templates: the same maps, in the same order, as the engine gives them.

use minijinja::Value;

use super::guard::Guard;
use super::{CONTROL, MARKUP};
use crate::data::{Message, Role, Tool, ToolCall};

/// What texts must not spell.
pub(super) struct Guards {
    /// Of everybody but the assistant.
    others: Guard,
    /// Of the assistant, who writes calls itself.
    assistant: Guard,
}

impl Guards {
    pub(super) fn new() -> Self {
        Self {
            others: Guard::new(CONTROL.into_iter().chain(MARKUP)),
            assistant: Guard::new(CONTROL),
        }
    }
}

/// A message as templates read it.
pub(super) fn turn(message: &Message, tools: &[Tool], guards: &Guards) -> Value {
    let guard = match message.role {
        Role::Assistant => &guards.assistant,
        Role::System | Role::User | Role::Tool => &guards.others,
    };
    let text = |text: &str| Value::from(guard.text(text).into_owned());
    let mut fields = vec![
        ("role", Value::from(role(message.role))),
        ("content", text(&message.content)),
    ];
    if !message.tool_calls.is_empty() {
        let call = |call: &ToolCall| {
            let function = [
                ("name", text(&call.name)),
                ("arguments", guard.value(&arguments(call, tools))),
            ];
            Value::from_iter([
                ("id", text(&call.id)),
                ("type", Value::from("function")),
                ("function", Value::from_iter(function)),
            ])
        };
        fields.push(("tool_calls", message.tool_calls.iter().map(call).collect()));
    }
    fields.extend(
        message
            .tool_call_id
            .as_deref()
            .map(|id| ("tool_call_id", text(id))),
    );
    Value::from_iter(fields)
}

/// A tool as templates read it.
pub(super) fn tool(tool: &Tool, guards: &Guards) -> Value {
    let function = [
        ("name", Value::from(tool.name.as_str())),
        ("description", Value::from(tool.description.as_str())),
        ("parameters", Value::from_serialize(&tool.parameters)),
    ];
    guards.others.value(&Value::from_iter([
        ("type", Value::from("function")),
        ("function", Value::from_iter(function)),
    ]))
}

fn role(role: Role) -> &'static str {
    match role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool => "tool",
    }
}

/// The arguments of a call in the order in which the engine's grammar has them written.
fn arguments(call: &ToolCall, tools: &[Tool]) -> Value {
    let order = tools
        .iter()
        .find(|tool| tool.name == call.name)
        .map(|tool| order_of_arguments(&tool.parameters))
        .unwrap_or_default();
    let known = order.iter().filter_map(|name| call.arguments.get_key_value(name));
    let others = call.arguments.iter().filter(|(name, _)| !order.contains(name));
    known
        .chain(others)
        .map(|(name, value)| (name.as_str(), Value::from_serialize(value)))
        .collect()
}

/// The arguments of a call as the text that a request carries, in the same order.
pub fn arguments_text(call: &ToolCall, tools: &[Tool]) -> String {
    // What was read from JSON can be written as JSON.
    serde_json::to_string(&arguments(call, tools)).unwrap_or_default()
}

/// llama.cpp's grammar of an object has its required properties first, then the others, both as the schema lists them.
fn order_of_arguments(parameters: &serde_json::Value) -> Vec<String> {
    let names = |key: &str| parameters.get(key);
    let required: Vec<&str> = names("required")
        .and_then(serde_json::Value::as_array)
        .map(|list| list.iter().filter_map(serde_json::Value::as_str).collect())
        .unwrap_or_default();
    let properties: Vec<&String> = names("properties")
        .and_then(serde_json::Value::as_object)
        .map(|map| map.keys().collect())
        .unwrap_or_default();
    let (mut first, later): (Vec<&String>, Vec<&String>) = properties
        .into_iter()
        .partition(|name| required.contains(&name.as_str()));
    first.extend(later);
    first.into_iter().cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn arguments_come_in_the_order_of_the_grammar() {
        let parameters = json!({
            "type": "object",
            "properties": { "a": {}, "b": {}, "c": {}, "d": {} },
            "required": ["d", "b"],
        });
        assert_eq!(order_of_arguments(&parameters), ["b", "d", "a", "c"]);
        assert_eq!(order_of_arguments(&json!({})), Vec::<String>::new());
        let tools = [Tool {
            name: "t".into(),
            description: String::new(),
            parameters,
        }];
        let call = ToolCall {
            id: "1".into(),
            name: "t".into(),
            arguments: serde_json::from_value(json!({ "a": 1, "b": 2, "d": 3, "z": 4 })).expect("a map"),
        };
        let written = serde_json::to_string(&arguments(&call, &tools)).expect("JSON");
        assert_eq!(written, r#"{"b":2,"d":3,"a":1,"z":4}"#);
    }
}
