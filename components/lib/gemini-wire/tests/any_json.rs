//! Whatever a server says, nothing panics; whatever is asked is written or refused by name.

use gyre_chat_wire::{ChatEvent, ToolCallPart, parse_chat};
use gyre_gemini_wire::{
    AnswerReader, Asked, Method, parse_answer, parse_embeddings, parse_error, parse_models, request_json,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Words of the protocol, so that values get past the first check.
const WORDS: [&str; 32] = [
    "candidates",
    "content",
    "parts",
    "text",
    "functionCall",
    "name",
    "args",
    "id",
    "thought",
    "finishReason",
    "STOP",
    "SAFETY",
    "usageMetadata",
    "promptTokenCount",
    "promptFeedback",
    "blockReason",
    "modelVersion",
    "responseId",
    "error",
    "code",
    "message",
    "status",
    "details",
    "@type",
    "logprobsResult",
    "chosenCandidates",
    "embeddings",
    "values",
    "models",
    "role",
    "tool_calls",
    "function",
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn servers_may_say_anything(value in any_json(), status in 400..600_u16, header in "\\PC{0,8}") {
        let asked = Asked { model: "m", created_s: 0 };
        for body in [value.clone(), json!({ "candidates": [value] })] {
            let body = body.to_string();
            let _ = parse_answer(body.as_bytes(), asked);
            let _ = parse_embeddings(body.as_bytes(), "m", 1);
            let _ = parse_models(body.as_bytes());
            let error = parse_error(status, body.as_bytes(), Some(&header));
            prop_assert!((400..600).contains(&error.status) && error.code.is_some());
            let _ = AnswerReader::new("m").push(format!("data: {body}\n\n").as_bytes());
        }
        let _ = Method::Stream.path(&header);
    }

    #[test]
    fn requests_are_written_or_refused(messages in prop::collection::vec(any_json(), 0..3)) {
        let body = json!({ "model": "m", "messages": messages }).to_string();
        if let Ok(chat) = parse_chat(body.as_bytes()) {
            match request_json(&chat) {
                Ok(body) => prop_assert!(serde_json::from_slice::<Value>(&body).is_ok()),
                Err(error) => prop_assert!(error.param.is_some(), "{error}"),
            }
        }
    }

    #[test]
    fn a_stream_says_what_the_whole_answer_says(
        said in prop::collection::vec(prop_oneof![
            "\\PC{1,8}".prop_map(|text| json!({ "text": text })),
            ("[a-z]{1,8}", "\\PC{0,8}").prop_map(|(name, arg)| json!({ "functionCall": { "name": name, "args": { "a": arg } } })),
        ], 1..8),
    ) {
        let asked = Asked { model: "m", created_s: 0 };
        let last = json!({ "promptTokenCount": 1, "candidatesTokenCount": 2 });
        let body = |parts: &[Value], reason: Option<&str>| json!({
            "candidates": [{ "content": { "parts": parts }, "finishReason": reason }],
            "usageMetadata": last, "responseId": "r",
        });
        let whole = parse_answer(body(&said, Some("STOP")).to_string().as_bytes(), asked).unwrap();
        let mut reader = AnswerReader::new("m");
        let mut text = String::new();
        let mut calls = Vec::new();
        for (index, part) in said.iter().enumerate() {
            let reason = (index + 1 == said.len()).then_some("STOP");
            let chunk = body(std::slice::from_ref(part), reason);
            for event in reader.push(format!("data: {chunk}\n\n").as_bytes()).unwrap() {
                match event {
                    ChatEvent::Text(piece) => text.push_str(&piece),
                    ChatEvent::ToolCall(ToolCallPart { index, id, name, arguments }) => {
                        prop_assert_eq!(index as usize, calls.len());
                        calls.push((id.unwrap(), name.unwrap(), arguments));
                    }
                    ChatEvent::Finish(reason) => prop_assert_eq!(reason, whole.choice.finish_reason),
                    ChatEvent::Usage(usage) => prop_assert_eq!(usage, whole.usage),
                    ChatEvent::Model(_) | ChatEvent::Logprobs(_) => {}
                }
            }
        }
        prop_assert!(reader.finish().is_ok());
        let of_whole: Vec<_> = whole.choice.tool_calls.into_iter().map(|it| (it.id, it.name, it.arguments)).collect();
        prop_assert_eq!((text, calls), (whole.choice.content, of_whole));
    }
}
