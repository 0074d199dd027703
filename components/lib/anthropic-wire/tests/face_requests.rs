//! What this face refuses, by name and in Anthropic's shape.

use gyre_anthropic_wire::face::{
    parse_count_tokens, parse_message, render_error, render_token_count, status_of,
};
use gyre_chat_wire::{ApiError, Failure};
use serde_json::{Value, json};

fn with(change: Value) -> Value {
    let mut body = json!({
        "model": "m", "max_tokens": 8,
        "messages": [{ "role": "user", "content": "hi" }],
        "tools": [{ "name": "f", "input_schema": { "type": "object" } }],
    });
    for (name, value) in change.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn messages(content: Value) -> Value {
    let asked = json!({ "role": "assistant", "content": [{ "type": "tool_use", "id": "t", "name": "f", "input": {} }] });
    json!({ "messages": [
        { "role": "user", "content": "hi" }, asked, { "role": "user", "content": content },
    ] })
}

fn refused_fields() -> Vec<(Value, &'static str)> {
    vec![
        (json!({ "model": null }), "model"),
        (json!({ "max_tokens": null }), "max_tokens"),
        (json!({ "max_tokens": 0 }), "max_tokens"),
        (json!({ "messages": [] }), "messages"),
        (json!({ "temperature": 1.5 }), "temperature"),
        (json!({ "top_k": -1 }), "top_k"),
        (json!({ "stop_sequences": [""] }), "stop_sequences"),
        (json!({ "stop_sequences": vec!["x"; 17] }), "stop_sequences"),
        (json!({ "stream": "yes" }), "stream"),
        (json!({ "service_tier": "flex" }), "service_tier"),
        (json!({ "speed": "fast" }), "speed"),
        (json!({ "metadata": { "user_id": 1 } }), "metadata.user_id"),
        (
            json!({ "thinking": { "type": "enabled", "budget_tokens": 1024 } }),
            "thinking.type",
        ),
        (
            json!({ "output_config": { "effort": "max" } }),
            "output_config.effort",
        ),
        (
            json!({ "output_config": { "format": { "type": "xml" } } }),
            "output_config.format.type",
        ),
        (
            json!({ "output_config": { "task_budget": {} } }),
            "output_config.task_budget",
        ),
        (json!({ "mcp_servers": [] }), "mcp_servers"),
        (json!({ "max_completion_tokens": 1 }), "max_completion_tokens"),
        (
            json!({ "tools": [{ "type": "web_search_20260318", "name": "web_search" }] }),
            "tools[0].type",
        ),
        (json!({ "tools": [{ "name": "f" }] }), "tools[0].input_schema"),
        (
            json!({ "tools": [{ "name": "f", "input_schema": {}, "strict": true }] }),
            "tools[0].strict",
        ),
        (
            json!({ "tools": [{ "name": "f", "input_schema": {} }, { "name": "f", "input_schema": {} }] }),
            "tools[1].name",
        ),
        (
            json!({ "tool_choice": { "type": "tool", "name": "g" } }),
            "tool_choice.name",
        ),
        (
            json!({ "tool_choice": { "type": "any" }, "tools": [] }),
            "tool_choice.type",
        ),
        (json!({ "tool_choice": "auto" }), "tool_choice"),
    ]
}

fn refused_turns() -> Vec<(Value, &'static str)> {
    let image =
        json!({ "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": "" } });
    let result = |id: &str| json!({ "type": "tool_result", "tool_use_id": id, "content": "1" });
    let text = json!({ "type": "text", "text": "a" });
    let turn = |role: &str, content: Value| json!({ "messages": [{ "role": role, "content": content }] });
    vec![
        (turn("robot", json!("x")), "messages[0].role"),
        (turn("user", json!([])), "messages[0].content"),
        (turn("user", json!("")), "messages[0].content"),
        (turn("system", json!("x")), "messages"),
        (turn("user", json!([image])), "messages[0].content[0].type"),
        (
            turn("user", json!([result("t")])),
            "messages[0].content[0].tool_use_id",
        ),
        (
            turn(
                "user",
                json!([{ "type": "tool_use", "id": "t", "name": "f", "input": {} }]),
            ),
            "messages[0].content[0].type",
        ),
        (turn("assistant", json!("Well,")), "messages"),
        (
            messages(json!([text, result("t")])),
            "messages[2].content[1].type",
        ),
        (
            messages(json!([{ "type": "tool_result", "tool_use_id": "t", "content": [image] }])),
            "messages[2].content[0].content[0].type",
        ),
        (json!({ "system": [{ "type": "document" }] }), "system[0].type"),
    ]
}

#[test]
fn what_cannot_be_kept_is_refused_by_name() {
    for (change, param) in refused_fields().into_iter().chain(refused_turns()) {
        let body = with(change).to_string();
        let error = parse_message(body.as_bytes()).expect_err(&body);
        assert_eq!(error.param.as_deref(), Some(param), "{body}");
        let json = render_error(&error, Some("req_1"));
        assert_eq!(json["type"], "error");
        assert_eq!(json["error"]["type"], "invalid_request_error", "{body}");
        assert!(
            json["error"]["message"].as_str().unwrap().contains(param),
            "{json}"
        );
        assert_eq!((&json["request_id"], status_of(&error)), (&json!("req_1"), 400));
    }
}

#[test]
fn what_changes_no_answer_is_let_pass() {
    for change in [
        json!({ "thinking": { "type": "disabled" } }),
        json!({ "thinking": { "type": "adaptive", "display": "omitted" } }),
        json!({ "container": null, "speed": "standard" }),
        json!({ "cache_control": { "type": "ephemeral" } }),
        json!({ "tool_choice": { "type": "auto", "disable_parallel_tool_use": false } }),
        messages(json!([{ "type": "tool_result", "tool_use_id": "t" }])),
    ] {
        let body = with(change).to_string();
        let request = parse_message(body.as_bytes()).unwrap_or_else(|error| panic!("{body}: {error}"));
        assert!(!request.single_tool_use);
    }
}

#[test]
fn counts_take_a_prompt_alone() {
    let mut body = with(json!({}));
    let error = parse_count_tokens(body.to_string().as_bytes()).expect_err("has max_tokens");
    assert_eq!(error.param.as_deref(), Some("max_tokens"));
    body.as_object_mut().unwrap().remove("max_tokens");
    let chat = parse_count_tokens(body.to_string().as_bytes()).unwrap();
    assert_eq!(
        (chat.tools.len(), chat.messages.len(), chat.max_tokens),
        (1, 1, None)
    );
    assert_eq!(render_token_count(9), json!({ "input_tokens": 9 }));
}

#[test]
fn every_failure_has_its_class_and_status() {
    let failure = |failure: Failure| ApiError::from(failure);
    for (error, kind, status) in [
        (
            failure(Failure::ModelNotFound("x".into())),
            "not_found_error",
            404,
        ),
        (
            failure(Failure::Overloaded { retry_after_ms: 1 }),
            "overloaded_error",
            529,
        ),
        (
            failure(Failure::BudgetExhausted("x".into())),
            "billing_error",
            402,
        ),
        (
            failure(Failure::Unsupported("x".into())),
            "invalid_request_error",
            400,
        ),
        (failure(Failure::Unavailable("x".into())), "api_error", 503),
        (failure(Failure::Internal("x".into())), "api_error", 500),
        (failure(Failure::Cancelled), "api_error", 499),
        (ApiError::body_too_large(), "request_too_large", 413),
        (ApiError::new(401, "c", "x"), "authentication_error", 401),
        (ApiError::new(403, "c", "x"), "permission_error", 403),
        (ApiError::new(405, "c", "x"), "invalid_request_error", 405),
        (ApiError::new(429, "c", "x"), "rate_limit_error", 429),
        (ApiError::new(504, "c", "x"), "timeout_error", 504),
    ] {
        assert_eq!(render_error(&error, None)["error"]["type"], kind, "{error:?}");
        assert_eq!(status_of(&error), status, "{error:?}");
    }
}
