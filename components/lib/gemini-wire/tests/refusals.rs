//! What a server of Gemini's API cannot be asked, and what it refuses.

use gyre_chat_wire::{
    BiasToken, Budget, ChatRequest, Format, LogitBias, Message, Overflow, Role, Tool, ToolCall,
};
use gyre_gemini_wire::{Method, parse_error, request_json};
use serde_json::{Value, json};

fn plain() -> ChatRequest {
    ChatRequest::new("m", vec![Message::text(Role::User, "hi")])
}

type Change = fn(&mut ChatRequest);

const REFUSED: [(Change, &str); 12] = [
    (|it| it.sampling.seed = Some(1 << 40), "seed"),
    (|it| it.sampling.min_p = Some(0.5), "min_p"),
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
                cost_micros_max: Some(1),
                ..Budget::default()
            }
        },
        "budget.cost_micros_max",
    ),
    (|it| it.stop = vec!["x".into(); 6], "stop"),
    (
        |it| it.format = Format::JsonSchema("[]".into()),
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
        let error = request_json(&request).expect_err(param);
        assert_eq!((error.status, error.param.as_deref()), (400, Some(param)));
        assert!(error.message.contains(param), "{}", error.message);
    }
}

#[test]
fn a_model_is_part_of_a_path_and_nothing_more() {
    for (model, path) in [
        (
            "gemini-2.5-flash",
            Some("/models/gemini-2.5-flash:generateContent"),
        ),
        (
            "models/gemini-2.5-flash",
            Some("/models/gemini-2.5-flash:generateContent"),
        ),
        ("tunedModels/mine_1", Some("/tunedModels/mine_1:generateContent")),
        ("", None),
        ("..", None),
        ("../v1/x", None),
        ("a/b", None),
        ("a:b", None),
        ("a?b", None),
        ("ä", None),
    ] {
        assert_eq!(Method::Generate.path(model).ok().as_deref(), path, "{model}");
    }
    let stream = Method::Stream.path("m").unwrap();
    assert_eq!(stream, "/models/m:streamGenerateContent?alt=sse");
    assert_eq!(Method::Embed.path("m").unwrap(), "/models/m:batchEmbedContents");
    assert_eq!(
        Method::list_path(Some("a/b=")),
        "/models?pageSize=1000&pageToken=a%2Fb%3D"
    );
}

/// Status, `google.rpc` status, details; status, code, milliseconds to wait.
type Case = (u16, &'static str, Value, u16, &'static str, Option<u64>);

#[test]
fn refusals() {
    let retry = json!([
        { "@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [] },
        { "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.074824224s" },
    ]);
    let key = json!([{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID" }]);
    let cases: [Case; 8] = [
        (
            400,
            "INVALID_ARGUMENT",
            json!([]),
            400,
            "invalid_request_error",
            Some(2_000),
        ),
        (400, "INVALID_ARGUMENT", key, 401, "invalid_api_key", Some(2_000)),
        (
            403,
            "PERMISSION_DENIED",
            json!([]),
            403,
            "permission_denied",
            Some(2_000),
        ),
        (404, "NOT_FOUND", json!([]), 404, "model_not_found", Some(2_000)),
        (
            429,
            "RESOURCE_EXHAUSTED",
            retry,
            429,
            "rate_limit_exceeded",
            Some(34_075),
        ),
        (500, "INTERNAL", json!([]), 500, "internal", Some(2_000)),
        (503, "UNAVAILABLE", json!([]), 503, "unavailable", Some(2_000)),
        (504, "DEADLINE_EXCEEDED", json!([]), 504, "timeout", Some(2_000)),
    ];
    for (given, name, details, status, code, wait) in cases {
        let error =
            json!({ "error": { "code": given, "message": "Sorry", "status": name, "details": details } });
        for body in [error.clone(), json!([error])] {
            let error = parse_error(given, body.to_string().as_bytes(), Some("2"));
            assert_eq!(
                (error.status, error.code.as_deref(), error.retry_after_ms),
                (status, Some(code), wait)
            );
            assert_eq!(error.message, "Sorry");
        }
    }
    assert_eq!(
        parse_error(502, b"<html>", None).code.as_deref(),
        Some("unreadable")
    );
}

#[test]
fn a_prompt_that_does_not_fit_is_told_in_numbers() {
    let message = "The input token count (1091639) exceeds the maximum number of tokens allowed (1048576).";
    let body = json!({ "error": { "code": 400, "message": message, "status": "INVALID_ARGUMENT" } });
    let error = parse_error(400, body.to_string().as_bytes(), None);
    assert_eq!(error.code.as_deref(), Some("context_length_exceeded"));
    let wanted = Overflow {
        limit: 1_048_576,
        requested: 1_091_639,
    };
    assert_eq!(error.overflow.as_deref(), Some(&wanted));
}
