//! Whatever is sent, nothing panics, and every refusal has Anthropic's shape.

use gyre_anthropic_wire::face::{
    ModelQuery, error_event, parse_count_tokens, parse_message as read_request, render_error, status_of,
};
use gyre_anthropic_wire::provider::{MessageReader, parse_error, parse_message, parse_models, request_json};
use gyre_chat_wire::{ApiError, parse_chat};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Words of the protocol, so that values get past the first check.
const WORDS: [&str; 44] = [
    "model",
    "messages",
    "max_tokens",
    "system",
    "role",
    "content",
    "type",
    "text",
    "tool_use",
    "tool_result",
    "id",
    "name",
    "input",
    "tools",
    "input_schema",
    "tool_choice",
    "user",
    "assistant",
    "auto",
    "any",
    "tool_use_id",
    "is_error",
    "thinking",
    "signature",
    "output_config",
    "format",
    "json_schema",
    "schema",
    "stop_sequences",
    "stream",
    "usage",
    "input_tokens",
    "stop_reason",
    "end_turn",
    "message_start",
    "message",
    "content_block_start",
    "content_block",
    "index",
    "delta",
    "message_delta",
    "message_stop",
    "error",
    "data",
];

fn word() -> impl Strategy<Value = String> {
    prop_oneof![9 => prop::sample::select(&WORDS[..]).prop_map(str::to_owned), 1 => "\\PC{0,6}"]
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (0..3_u64).prop_map(Value::from),
        word().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((word(), inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn check(error: &ApiError) {
    let json = render_error(error, None);
    assert_eq!(json["type"], "error");
    assert!(
        json["error"]["type"].is_string() && json["error"]["message"].is_string(),
        "{json}"
    );
    assert!((400..600).contains(&status_of(error)));
    assert_eq!(error_event(error, None).matches("\n\n").count(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn faces_refuse_in_shape(extra in any_json(), name in word(), bytes in prop::collection::vec(any::<u8>(), 0..32)) {
        let mut body = json!({ "model": "m", "max_tokens": 1, "messages": [{ "role": "user", "content": "x" }] });
        body[&name] = extra.clone();
        for body in [body.to_string().into_bytes(), extra.to_string().into_bytes(), bytes] {
            for refused in [read_request(&body).map(drop), parse_count_tokens(&body).map(drop)] {
                if let Err(error) = refused {
                    check(&error);
                }
            }
        }
    }

    #[test]
    fn providers_may_say_anything(value in any_json(), status in 400..600_u16, header in "\\PC{0,8}") {
        let body = value.to_string();
        let _ = parse_message(body.as_bytes(), 0);
        let _ = parse_models(body.as_bytes());
        check(&parse_error(status, body.as_bytes(), Some(&header)));
        let start = r#"{"type":"message_start","message":{"model":"m","usage":{}}}"#;
        let mut reader = MessageReader::new();
        let _ = reader.push(format!("data: {start}\n\ndata: {body}\n\n").as_bytes());
        let _ = ModelQuery::parse(&header);
    }

    #[test]
    fn requests_are_written_or_refused(messages in prop::collection::vec(any_json(), 0..3)) {
        let body = json!({ "model": "m", "messages": messages }).to_string();
        if let Ok(chat) = parse_chat(body.as_bytes()) {
            match request_json(&chat, 1) {
                Ok(body) => prop_assert!(serde_json::from_slice::<Value>(&body).is_ok()),
                Err(error) => check(&error),
            }
        }
    }
}
