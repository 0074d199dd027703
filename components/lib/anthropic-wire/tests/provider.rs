//! What a server of Anthropic's API cannot be asked, and what it refuses.

use gyre_anthropic_wire::provider::{parse_error, parse_models, request_json};
use gyre_chat_wire::{
    ApiError, BiasToken, Budget, ChatRequest, Format, LogitBias, Message, Overflow, Role, Tool, ToolCall,
};
use serde_json::json;

fn plain() -> ChatRequest {
    ChatRequest::new("m", vec![Message::text(Role::User, "hi")])
}

type Change = fn(&mut ChatRequest);

const REFUSED: [(Change, &str); 16] = [
    (|it| it.sampling.seed = Some(1), "seed"),
    (|it| it.sampling.min_p = Some(0.5), "min_p"),
    (
        |it| it.sampling.frequency_penalty = Some(0.5),
        "frequency_penalty",
    ),
    (|it| it.sampling.presence_penalty = Some(0.5), "presence_penalty"),
    (|it| it.sampling.logprobs = Some(0), "logprobs"),
    (|it| it.sampling.temperature = Some(1.5), "temperature"),
    (
        |it| {
            it.sampling.logit_bias = vec![LogitBias {
                token: BiasToken::Id(1),
                bias: 1.0,
            }];
        },
        "logit_bias",
    ),
    (|it| it.adapter = Some("a".into()), "adapter"),
    (
        |it| {
            it.budget = Budget {
                time_ms_max: Some(1),
                ..Budget::default()
            }
        },
        "budget.time_ms_max",
    ),
    (|it| it.format = Format::JsonObject, "response_format"),
    (
        |it| it.format = Format::JsonSchema("7".into()),
        "response_format.json_schema.schema",
    ),
    (
        |it| {
            it.tools = vec![Tool {
                name: "f".into(),
                description: String::new(),
                parameters: "x".into(),
            }];
        },
        "tools[0].function.parameters",
    ),
    (
        |it| it.messages = vec![Message::text(Role::System, "s")],
        "messages",
    ),
    (
        |it| it.messages.push(Message::text(Role::User, "")),
        "messages[1].content",
    ),
    (
        |it| it.messages.push(Message::text(Role::Tool, "r")),
        "messages[1].tool_call_id",
    ),
    (
        |it| {
            let call = ToolCall {
                id: "c".into(),
                name: "f".into(),
                arguments: "[]".into(),
            };
            it.messages.push(Message {
                tool_calls: vec![call],
                ..Message::text(Role::Assistant, "")
            });
        },
        "messages[1].tool_calls[0].function.arguments",
    ),
];

#[test]
fn what_the_api_does_not_have_is_refused_by_name() {
    for (change, param) in REFUSED {
        let mut request = plain();
        change(&mut request);
        let error = request_json(&request, 8).expect_err(param);
        assert_eq!((error.status, error.param.as_deref()), (400, Some(param)));
        assert!(error.message.contains(param), "{}", error.message);
    }
}

#[test]
fn wishes_stay_here() {
    let mut request = plain();
    request.tenant = Some("acme".into());
    request.priority = gyre_chat_wire::Priority::High;
    request.budget.deadline_ms = Some(1);
    request.sampling.frequency_penalty = Some(0.0);
    assert_eq!(
        request_json(&request, 8).unwrap(),
        request_json(&plain(), 8).unwrap()
    );
}

/// Status, kind, `retry-after`; status, code, milliseconds to wait.
type Case = (u16, &'static str, Option<&'static str>, &'static str, Option<u64>);

#[test]
fn refusals() {
    let cases: [Case; 9] = [
        (400, "invalid_request_error", None, "invalid_request_error", None),
        (401, "authentication_error", None, "authentication_error", None),
        (402, "billing_error", None, "insufficient_quota", None),
        (404, "not_found_error", None, "model_not_found", None),
        (
            429,
            "rate_limit_error",
            Some("12"),
            "rate_limit_exceeded",
            Some(12_000),
        ),
        (
            429,
            "rate_limit_error",
            Some("0.25"),
            "rate_limit_exceeded",
            Some(250),
        ),
        (
            429,
            "rate_limit_error",
            Some("Wed, 21 Oct 2026 07:28:00 GMT"),
            "rate_limit_exceeded",
            None,
        ),
        (529, "overloaded_error", Some("-1"), "overloaded", None),
        (500, "api_error", Some("1e300"), "api_error", Some(3_600_000)),
    ];
    for (status, kind, header, code, wait) in cases {
        let error = json!({ "type": kind, "message": "Sorry" });
        let body = json!({ "type": "error", "error": error, "request_id": "req_1" }).to_string();
        let error = parse_error(status, body.as_bytes(), header);
        assert_eq!(
            (error.status, error.code.as_deref(), error.retry_after_ms),
            (status, Some(code), wait)
        );
        assert_eq!(error.message, "Sorry");
    }
    let error = parse_error(529, b"<html>", None);
    assert_eq!(error.code.as_deref(), Some("overloaded"));
    assert_eq!(parse_error(502, b"", None).code.as_deref(), Some("unreadable"));
}

#[test]
fn a_prompt_that_does_not_fit_is_told_in_numbers() {
    for (message, wanted) in [
        (
            "prompt is too long: 210000 tokens > 200000 maximum",
            Some((200_000, 210_000)),
        ),
        (
            "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length",
            Some((200_000, 210_000)),
        ),
        ("prompt is too long: many tokens > 200000 maximum", None),
        ("prompt is too long", None),
    ] {
        let body = json!({ "error": { "type": "invalid_request_error", "message": message } }).to_string();
        let error: ApiError = parse_error(400, body.as_bytes(), None);
        let wanted = wanted.map(|(limit, requested)| Overflow { limit, requested });
        assert_eq!(error.overflow.as_deref().copied(), wanted, "{message}");
    }
}

#[test]
fn models() {
    let body = json!({
        "data": [
            { "type": "model", "id": "a", "display_name": "A", "created_at": "2026-01-01T00:00:00Z", "lifecycle": "active" },
            { "type": "model", "id": "b", "lifecycle": "retired" },
        ],
        "has_more": true, "first_id": "a", "last_id": "b",
    });
    let page = parse_models(body.to_string().as_bytes()).unwrap();
    assert_eq!((page.models.len(), page.models[0].id.as_str()), (1, "a"));
    assert_eq!(page.after_id.as_deref(), Some("b"));
    let last = parse_models(br#"{"data":[],"has_more":false,"last_id":"b"}"#).unwrap();
    assert_eq!(last.after_id, None);
}
