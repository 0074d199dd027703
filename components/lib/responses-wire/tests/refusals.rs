//! What requests are refused, each by the name of what is at fault.

use gyre_chat_wire::ApiError;
use gyre_responses_wire::{Asked, parse};
use serde_json::{Value, json};

/// A request of a model and a text, with these members set.
fn with(members: &Value) -> Result<Asked, ApiError> {
    let mut body = json!({ "model": "m", "input": "hi" });
    for (name, value) in members.as_object().expect("an object") {
        body[name] = value.clone();
    }
    parse(body.to_string().as_bytes())
}

fn check(cases: &[(Value, &str)]) {
    for (members, param) in cases {
        let error = with(members).and_then(Asked::alone).expect_err(param);
        assert_eq!(
            (error.status, error.param.as_deref()),
            (400, Some(*param)),
            "{members}"
        );
        assert!(error.message.contains(param), "{}", error.message);
    }
}

#[test]
fn input_that_cannot_be() {
    let item = |item: Value| json!({ "input": [item] });
    check(&[
        (json!({ "input": null }), "input"),
        (json!({ "input": [] }), "input"),
        (json!({ "input": 7 }), "input"),
        (
            json!({ "input": [{ "type": "reasoning", "summary": [] }] }),
            "input",
        ),
        (item(json!("hi")), "input[0]"),
        (item(json!({ "role": "robot", "content": "" })), "input[0].role"),
        (item(json!({ "role": "user" })), "input[0].content"),
        (
            item(json!({ "role": "user", "content": [{ "type": "input_file" }] })),
            "input[0].content[0].type",
        ),
        (
            item(json!({ "role": "user", "content": [{ "type": "input_text" }] })),
            "input[0].content[0].text",
        ),
        (item(json!({ "id": "msg_1" })), "input[0].type"),
        (
            item(json!({ "type": "item_reference", "id": "msg_1" })),
            "input[0].type",
        ),
        (item(json!({ "type": "computer_call" })), "input[0].type"),
        (
            item(json!({ "type": "function_call", "name": "t" })),
            "input[0].call_id",
        ),
        (
            item(json!({ "type": "function_call", "namespace": "n" })),
            "input[0].namespace",
        ),
        (
            item(json!({ "type": "function_call_output", "call_id": "c" })),
            "input[0].output",
        ),
        (
            item(json!({ "type": "reasoning", "encrypted_content": "x" })),
            "input[0].encrypted_content",
        ),
    ]);
}

#[test]
fn tools_that_cannot_be() {
    let tool = |name: &str, value: Value| {
        let mut tool = json!({ "type": "function", "name": "t" });
        tool[name] = value;
        json!({ "tools": [tool] })
    };
    let twice = json!({ "type": "function", "name": "t" });
    check(&[
        (json!({ "tools": [{ "type": "mcp" }] }), "tools[0].type"),
        (tool("name", json!("")), "tools[0].name"),
        (tool("parameters", json!([])), "tools[0].parameters"),
        (tool("strict", json!("yes")), "tools[0].strict"),
        (tool("defer_loading", json!(true)), "tools[0].defer_loading"),
        (
            tool("allowed_callers", json!(["direct"])),
            "tools[0].allowed_callers",
        ),
        (tool("output_schema", json!({})), "tools[0].output_schema"),
        (json!({ "tools": [twice, twice] }), "tools[1].name"),
        (json!({ "tool_choice": "required" }), "tool_choice"),
        (
            json!({ "tool_choice": { "type": "function", "name": "t" } }),
            "tool_choice",
        ),
        (
            json!({ "tool_choice": { "type": "file_search" } }),
            "tool_choice.type",
        ),
        (
            json!({ "tool_choice": { "type": "allowed_tools", "mode": "auto", "tools": [twice] } }),
            "tool_choice.tools[0].name",
        ),
    ]);
}

#[test]
fn what_is_not_done_here() {
    check(&[
        (
            json!({ "stream_options": { "include_obfuscation": true } }),
            "stream_options.include_obfuscation",
        ),
        (json!({ "background": true }), "background"),
        (json!({ "conversation": "conv_1" }), "conversation"),
        (json!({ "prompt": { "id": "p" } }), "prompt"),
        (json!({ "moderation": { "model": "x" } }), "moderation"),
        (
            json!({ "context_management": [{ "type": "compaction" }] }),
            "context_management",
        ),
        (
            json!({ "prompt_cache_options": { "mode": "explicit" } }),
            "prompt_cache_options",
        ),
        (json!({ "truncation": "auto" }), "truncation"),
        (json!({ "include": ["x"] }), "include"),
        (json!({ "reasoning": { "effort": "high" } }), "reasoning.effort"),
        (json!({ "reasoning": { "summary": "auto" } }), "reasoning.summary"),
        (json!({ "text": { "verbosity": "low" } }), "text.verbosity"),
        (json!({ "service_tier": "scale" }), "service_tier"),
        (json!({ "store": true }), "store"),
        (
            json!({ "previous_response_id": "resp_1" }),
            "previous_response_id",
        ),
    ]);
}

#[test]
fn values_that_cannot_be() {
    let schema = |format: Value| {
        let mut format = format;
        format["type"] = json!("json_schema");
        json!({ "text": { "format": format } })
    };
    check(&[
        (json!({ "model": 7 }), "model"),
        (json!({ "temperature": 3 }), "temperature"),
        (json!({ "top_p": 0 }), "top_p"),
        (json!({ "top_logprobs": 21 }), "top_logprobs"),
        (json!({ "max_output_tokens": 0 }), "max_output_tokens"),
        (json!({ "max_tool_calls": 0 }), "max_tool_calls"),
        (json!({ "stream": "yes" }), "stream"),
        (json!({ "parallel_tool_calls": 1 }), "parallel_tool_calls"),
        (
            json!({ "text": { "format": { "type": "xml" } } }),
            "text.format.type",
        ),
        (schema(json!({ "schema": {} })), "text.format.name"),
        (schema(json!({ "schema": {}, "name": "a b" })), "text.format.name"),
        (schema(json!({ "name": "a" })), "text.format.schema"),
        (schema(json!({ "name": "a", "schema": 7 })), "text.format.schema"),
        (json!({ "metadata": { "a": 1 } }), "metadata"),
        (json!({ "metadata": { "a": "x".repeat(513) } }), "metadata"),
        (json!({ "user": 7 }), "user"),
        (
            json!({ "safety_identifier": "x".repeat(513) }),
            "safety_identifier",
        ),
        (json!({ "budget": { "x": 1 } }), "budget.x"),
        (json!({ "store": "yes" }), "store"),
    ]);
}

#[test]
fn too_much_is_refused() {
    let many = |item: &Value, count: usize| Value::from(vec![item.clone(); count]);
    let message = json!({ "role": "user", "content": "hi" });
    let part = json!({ "type": "input_text", "text": "hi" });
    let call = json!({ "type": "function_call", "call_id": "c", "name": "t", "arguments": "{}" });
    check(&[
        (json!({ "input": many(&message, 1_025) }), "input"),
        (
            json!({ "input": [{ "role": "user", "content": many(&part, 257) }] }),
            "input[0].content",
        ),
        (json!({ "input": many(&call, 129) }), "input[128].type"),
        (
            json!({ "tools": many(&json!({ "type": "function" }), 129) }),
            "tools",
        ),
        (
            json!({ "include": many(&json!("reasoning.encrypted_content"), 17) }),
            "include",
        ),
    ]);
}
