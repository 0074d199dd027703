//! An example as a request of `gyre-chat/1`. Pure.

use serde_json::{Value, json};

use crate::data::{Example, Message};
use crate::render::arguments_text;

/// The request that asks for the next message, greedily, in at most so many tokens. Tools are offered and their grammar is
/// on, as for agents.
pub fn request(example: &Example, tokens_max: u32) -> Value {
    let messages: Vec<Value> = example
        .messages
        .iter()
        .map(|message| of(message, example))
        .collect();
    json!({
        "messages": messages,
        "tools": example.tools,
        "sampling": { "temperature": 0 },
        "budget": { "max_tokens": tokens_max },
    })
}

fn of(message: &Message, example: &Example) -> Value {
    let mut value = json!({ "role": message.role, "content": message.content });
    if !message.tool_calls.is_empty() {
        let calls = message.tool_calls.iter().map(|call| {
            let arguments = arguments_text(call, &example.tools);
            json!({ "id": call.id, "name": call.name, "arguments": arguments })
        });
        value["tool_calls"] = calls.collect();
    }
    if let Some(id) = &message.tool_call_id {
        value["tool_call_id"] = json!(id);
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_is_asked_as_agents_ask() {
        let line = json!({
            "id": "1", "task": "result", "split": "dev",
            "tools": [{ "name": "t", "description": "d", "parameters": {
                "type": "object", "properties": { "a": {}, "b": {} }, "required": ["b"] } }],
            "messages": [
                { "role": "user", "content": "q" },
                { "role": "assistant", "content": "", "given": true,
                  "tool_calls": [{ "id": "c", "name": "t", "arguments": { "a": 1, "b": 2 } }] },
                { "role": "tool", "content": "r", "tool_call_id": "c" },
            ],
            "expect": { "kind": "unknown" },
        });
        let example: Example = serde_json::from_value(line).expect("an example");
        assert_eq!(
            request(&example, 9)["messages"],
            json!([
                { "role": "user", "content": "q" },
                { "role": "assistant", "content": "",
                  "tool_calls": [{ "id": "c", "name": "t", "arguments": "{\"b\":2,\"a\":1}" }] },
                { "role": "tool", "content": "r", "tool_call_id": "c" },
            ])
        );
        assert_eq!(request(&example, 9)["budget"], json!({ "max_tokens": 9 }));
    }
}
