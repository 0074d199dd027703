//! The protocol as stock Spin speaks it. What Spin sends is written here as its source writes it, and what it reads is
//! read by the same members.

use gyre_chat_wire::{ApiError, Completion, Embeddings, Failure, Message, Role, parse_completion};
use gyre_spin_llm_wire::{
    Endpoint, Repeat, error_json, parse_embed, parse_infer, render_embed, render_infer,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// What Spin sends for a guest that says nothing of options: its defaults, as `f32` comes out of its serialiser.
fn sent() -> Value {
    json!({
        "model": "talk",
        "prompt": "Say hello.",
        "options": {
            "maxTokens": 100u32,
            "repeatPenalty": 1.1f32,
            "repeatPenaltyLastNTokenCount": 64u32,
            "temperature": 0.8f32,
            "topK": 40u32,
            "topP": 0.9f32,
        },
    })
}

fn infer(body: &Value) -> Result<gyre_spin_llm_wire::Infer, ApiError> {
    parse_infer(body.to_string().as_bytes())
}

#[test]
fn what_spin_sends_is_read() {
    let read = infer(&sent()).expect("a request");
    assert_eq!(read.chat.model, "talk");
    assert_eq!(read.chat.messages, [Message::text(Role::User, "Say hello.")]);
    assert_eq!(
        (read.chat.max_tokens, read.chat.sampling.top_k),
        (Some(100), Some(40))
    );
    assert_eq!(
        (read.chat.sampling.temperature, read.chat.sampling.top_p),
        (Some(0.8), Some(0.9))
    );
    assert!(!read.chat.stream);
    let wanted = Repeat {
        penalty: 1.1,
        last_tokens: 64,
    };
    assert_eq!(read.repeat, Some(wanted));
    let embed = parse_embed(br#"{"model":"e","input":["one","two"]}"#).expect("a request");
    assert_eq!((embed.model.as_str(), embed.texts.len()), ("e", 2));
}

#[test]
fn a_penalty_that_is_off_is_none() {
    for (name, value) in [
        ("repeatPenalty", json!(1.0)),
        ("repeatPenaltyLastNTokenCount", json!(0)),
    ] {
        let mut body = sent();
        body["options"][name] = value;
        assert_eq!(infer(&body).expect("a request").repeat, None);
    }
    let bare = infer(&json!({ "model": "m", "prompt": "" })).expect("a request");
    assert_eq!((bare.repeat, bare.chat.max_tokens), (None, None));
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    for (name, value) in [
        ("maxTokens", json!(0)),
        ("maxTokens", Value::Null),
        ("repeatPenalty", json!(0)),
        ("repeatPenalty", Value::Null),
        ("repeatPenaltyLastNTokenCount", json!(-1)),
        ("repeatPenaltyLastNTokenCount", json!(1u64 << 40)),
        ("temperature", json!(2.5)),
        ("temperature", Value::Null),
        ("topK", json!(0)),
        ("topP", json!("x")),
    ] {
        let mut body = sent();
        body["options"][name] = value;
        let error = infer(&body).expect_err(name);
        assert_eq!(
            (error.status, error.param.as_deref()),
            (400, Some(format!("options.{name}").as_str()))
        );
    }
    for (body, param) in [
        (json!({ "prompt": "" }), "model"),
        (json!({ "model": "m" }), "prompt"),
        (json!({ "model": "m", "prompt": 7 }), "prompt"),
        (json!({ "model": "m", "prompt": "", "options": 7 }), "options"),
        (
            json!({ "model": "m", "prompt": "", "budget": { "x": 1 } }),
            "budget.x",
        ),
        (
            json!({ "model": "m", "prompt": "", "options": { "repeatPenalty": 2 } }),
            "options.repeatPenaltyLastNTokenCount",
        ),
    ] {
        assert_eq!(infer(&body).expect_err(param).param.as_deref(), Some(param));
    }
    for body in [
        r#"{"model":"e"}"#,
        r#"{"model":"e","input":[]}"#,
        r#"{"model":"e","input":[""]}"#,
        r#"{"model":"e","input":[1]}"#,
    ] {
        assert_eq!(
            parse_embed(body.as_bytes()).expect_err(body).param.as_deref(),
            Some("input")
        );
    }
}

fn completion(message: Value) -> Completion {
    let body = json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "talk-1b",
        "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15 },
    });
    parse_completion(body.to_string().as_bytes()).expect("a completion")
}

#[test]
fn answers_have_the_members_that_spin_reads() {
    let answer = render_infer(&completion(json!({ "role": "assistant", "content": "Hello." })));
    let wanted = json!({ "text": "Hello.", "usage": { "promptTokenCount": 12, "generatedTokenCount": 3 } });
    assert_eq!(answer, Ok(wanted));
    let call = json!([{ "id": "c", "type": "function", "function": { "name": "t", "arguments": "{}" } }]);
    let calls = render_infer(&completion(
        json!({ "role": "assistant", "content": null, "tool_calls": call }),
    ));
    assert_eq!(calls.expect_err("calls").status, 502);
    let made = |number| Embeddings {
        model: "e".into(),
        vectors: vec![vec![0.5, number]],
        prompt_tokens: 2,
    };
    let wanted = json!({ "embeddings": [[0.5, -1.0]], "usage": { "promptTokenCount": 2 } });
    assert_eq!(render_embed(&made(-1.0)), Ok(wanted));
    assert_eq!(render_embed(&made(f32::NAN)).expect_err("no number").status, 502);
}

/// What stock Spin reads an answer into. It looks at no status.
mod spin {
    use serde::Deserialize;

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub(crate) struct Usage {
        pub(crate) prompt_token_count: u32,
        #[serde(default)]
        pub(crate) generated_token_count: u32,
    }

    #[derive(Deserialize)]
    pub(crate) struct Inferred {
        pub(crate) text: String,
        pub(crate) usage: Usage,
    }

    #[derive(Deserialize)]
    pub(crate) struct Embedded {
        pub(crate) embeddings: Vec<Vec<f32>>,
        pub(crate) usage: Usage,
    }
}

#[test]
fn spin_reads_answers_and_its_complaint_about_a_refusal_quotes_it() {
    let answer = render_infer(&completion(json!({ "role": "assistant", "content": "Hello." })));
    let read: spin::Inferred = serde_json::from_value(answer.expect("an answer")).expect("read");
    assert_eq!(read.text, "Hello.");
    assert_eq!(
        (read.usage.prompt_token_count, read.usage.generated_token_count),
        (12, 3)
    );
    let vectors = json!({ "embeddings": [[1.0]], "usage": { "promptTokenCount": 2 } }).to_string();
    let read: spin::Embedded = serde_json::from_str(&vectors).expect("read");
    assert_eq!((read.embeddings.len(), read.usage.prompt_token_count), (1, 2));
    let refused = error_json(&ApiError::from(Failure::Overloaded { retry_after_ms: 5 })).to_string();
    let complaint = serde_json::from_str::<spin::Inferred>(&refused)
        .err()
        .expect("a refusal")
        .to_string();
    assert!(
        complaint.contains("the model is busy; hint: try again"),
        "{complaint}"
    );
    let complaint = serde_json::from_str::<spin::Embedded>(&refused)
        .err()
        .expect("a refusal")
        .to_string();
    assert!(complaint.contains("the model is busy"), "{complaint}");
}

#[test]
fn paths() {
    assert_eq!(Endpoint::of("POST", "/infer"), Ok(Endpoint::Infer));
    assert_eq!(Endpoint::of("POST", "/embed"), Ok(Endpoint::Embed));
    assert_eq!(Endpoint::of("GET", "/infer").expect_err("GET").status, 405);
    assert_eq!(Endpoint::of("POST", "/other").expect_err("other").status, 404);
}

fn values() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "model",
        "prompt",
        "options",
        "input",
        "maxTokens",
        "repeatPenalty",
        "repeatPenaltyLastNTokenCount",
        "topK",
        "topP",
        "x",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..7).prop_map(|pairs| {
                let named = pairs.into_iter().map(|(name, value)| (name.to_owned(), value));
                Value::Object(named.collect::<Map<_, _>>())
            }),
        ]
    })
}

fn check_refusal<T>(read: Result<T, ApiError>) -> Result<(), TestCaseError> {
    if let Err(error) = read {
        prop_assert_eq!(error.status, 400);
        let shown = error_json(&error);
        prop_assert_eq!(&shown["error"]["message"], &shown["usage"]);
        prop_assert!(shown["usage"].as_str().is_some_and(|text| !text.is_empty()));
    }
    Ok(())
}

proptest! {
    #[test]
    fn anything_is_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..99), value in values(), options in values()) {
        let near = json!({ "model": "m", "prompt": "", "input": [options], "options": options });
        for body in [bytes, value.to_string().into_bytes(), near.to_string().into_bytes()] {
            check_refusal(parse_infer(&body))?;
            check_refusal(parse_embed(&body))?;
        }
    }
}
