//! What requests are read.

use gyre_chat_wire::{ApiError, Message, Priority, Role, ToolChoice};
use gyre_responses_wire::{Accepted, Asked, check_route, in_terms_of_responses, parse};
use serde_json::{Value, json};

/// A request of a model and a text, with these members set.
fn with(members: Value) -> Result<Asked, ApiError> {
    let mut body = json!({ "model": "m", "input": "hi" });
    for (name, value) in members.as_object().expect("an object") {
        body[name] = value.clone();
    }
    parse(body.to_string().as_bytes())
}

fn accepted(members: Value) -> Accepted {
    with(members).and_then(Asked::alone).expect("a request")
}

#[test]
fn what_needs_nothing_done_is_accepted() {
    let read = accepted(json!({
        "include": ["reasoning.encrypted_content"],
        "reasoning": { "effort": "none", "context": "auto" },
        "text": { "verbosity": "medium" },
        "truncation": "disabled",
        "stream_options": { "include_obfuscation": false },
        "context_management": [],
        "store": false,
        "x-unknown": { "a": 1 },
        "service_tier": "priority",
        "max_tool_calls": 3,
    }));
    assert_eq!(read.chat.priority, Priority::High);
    assert_eq!(read.chat.sampling.logprobs, None);
    assert_eq!(read.chat.messages, [Message::text(Role::User, "hi")]);
}

#[test]
fn a_choice_narrows_what_is_offered() {
    let tools = json!([{ "type": "function", "name": "a" }, { "type": "function", "name": "b" }]);
    let read = |choice: Value| {
        let chat = accepted(json!({ "tools": tools, "tool_choice": choice })).chat;
        let names: Vec<_> = chat.tools.into_iter().map(|tool| tool.name).collect();
        (names.join(" "), chat.tool_choice)
    };
    assert_eq!(read(json!("auto")), ("a b".into(), ToolChoice::Auto));
    assert_eq!(read(json!("required")), ("a b".into(), ToolChoice::Required));
    assert_eq!(read(json!("none")), (String::new(), ToolChoice::Auto));
    let named = json!({ "type": "function", "name": "b" });
    assert_eq!(read(named.clone()), ("a b".into(), ToolChoice::Tool("b".into())));
    let allowed = json!({ "type": "allowed_tools", "mode": "required", "tools": [named] });
    assert_eq!(read(allowed), ("b".into(), ToolChoice::Required));
}

/// The hook for who keeps responses.
#[test]
fn earlier_messages_stand_between_instructions_and_input() {
    let asked = with(json!({ "instructions": "be kind", "previous_response_id": "resp_0", "store": true }));
    let asked = asked.expect("a request");
    assert_eq!(asked.previous_response_id.as_deref(), Some("resp_0"));
    assert_eq!(
        (asked.model(), asked.input().len(), asked.store),
        ("m", 1, Some(true))
    );
    let earlier = vec![
        Message::text(Role::User, "1 + 1?"),
        Message::text(Role::Assistant, "2"),
    ];
    let said: Vec<_> = asked
        .after(earlier, true)
        .chat
        .messages
        .into_iter()
        .map(|it| it.content)
        .collect();
    assert_eq!(said, ["be kind", "1 + 1?", "2", "hi"]);
}

#[test]
fn routes() {
    assert_eq!(check_route("POST", "/v1/responses"), Ok(()));
    for (method, path, status) in [
        ("GET", "/v1/responses", 405),
        ("GET", "/v1/responses/resp_1", 404),
        ("POST", "/v1/responses/input_tokens", 404),
    ] {
        assert_eq!(check_route(method, path).expect_err(path).status, status);
    }
}

#[test]
fn a_backends_fields_are_renamed() {
    for (param, renamed) in [
        ("messages", "input"),
        ("messages[3].content", "input"),
        ("max_tokens", "max_output_tokens"),
        ("response_format.type", "text.format"),
        ("model", "model"),
    ] {
        let error = in_terms_of_responses(ApiError::invalid(param, "x"));
        assert_eq!(error.param.as_deref(), Some(renamed));
    }
}
