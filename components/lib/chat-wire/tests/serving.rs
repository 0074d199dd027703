//! How a completion is served and what it may spend: fields of a request, members of an answer.

use gyre_chat_wire::{
    ApiError, Budget, ChatEvent, ChatRequest, Choice, ChunkReader, ChunkWriter, Completion, Failure,
    FinishReason, Priority, Usage, parse_chat, parse_completion,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn with(field: &str, value: &Value) -> Result<ChatRequest, ApiError> {
    let mut body = json!({ "model": "m", "messages": [{ "role": "user", "content": "hi" }] });
    body[field] = value.clone();
    parse_chat(body.to_string().as_bytes())
}

#[test]
fn service_tiers_are_urgencies() {
    for (tier, wanted) in [
        (Value::Null, Priority::Normal),
        (json!("auto"), Priority::Normal),
        (json!("default"), Priority::Normal),
        (json!("flex"), Priority::Low),
        (json!("priority"), Priority::High),
    ] {
        let read = with("service_tier", &tier).expect("a tier");
        assert_eq!(read.priority, wanted, "{tier}");
    }
}

#[test]
fn a_budget_is_read_name_by_name() {
    let read = |json: Value| with("budget", &json).expect("a budget").budget;
    assert_eq!(read(Value::Null), Budget::default());
    assert_eq!(read(json!({})), Budget::default());
    assert_eq!(read(json!({ "total_tokens": null })), Budget::default());
    let whole = json!({ "total_tokens": 7, "cost_micros_max": 0, "time_ms_max": 5, "deadline_ms": u64::MAX });
    let wanted = Budget {
        total_tokens: Some(7),
        cost_micros_max: Some(0),
        time_ms_max: Some(5),
        deadline_ms: Some(u64::MAX),
    };
    assert_eq!(read(whole), wanted);
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    let long = "a".repeat(129);
    for (field, value, param, words) in [
        ("service_tier", json!("scale"), "service_tier", "flex"),
        ("service_tier", json!(1), "service_tier", "string"),
        ("adapter", json!(0), "adapter", "string"),
        ("adapter", json!(""), "adapter", "1 to 128"),
        ("adapter", json!(long), "adapter", "1 to 128"),
        ("tenant", json!(""), "tenant", "1 to 128"),
        ("tenant", json!(long), "tenant", "1 to 128"),
        ("tenant", json!("a\u{0}b"), "tenant", "control"),
        ("tenant", json!(["a"]), "tenant", "string"),
        ("budget", json!(5), "budget", "object"),
        ("budget", json!({ "tokens": 1 }), "budget.tokens", "total_tokens"),
        (
            "budget",
            json!({ "max_tokens": 1 }),
            "budget.max_tokens",
            "beside `budget`",
        ),
        (
            "budget",
            json!({ "total_tokens": 0 }),
            "budget.total_tokens",
            "from 1",
        ),
        (
            "budget",
            json!({ "cost_micros_max": -1 }),
            "budget.cost_micros_max",
            "whole",
        ),
        (
            "budget",
            json!({ "time_ms_max": 0.5 }),
            "budget.time_ms_max",
            "whole",
        ),
        (
            "budget",
            json!({ "deadline_ms": "soon" }),
            "budget.deadline_ms",
            "whole",
        ),
    ] {
        let error = with(field, &value).expect_err(param);
        assert_eq!((error.status, error.param.as_deref()), (400, Some(param)));
        assert!(error.message.contains(words), "{param}: {}", error.message);
        assert!(!error.message.contains("aaa"), "what was sent: {}", error.message);
    }
}

#[test]
fn an_adapter_that_is_not_there_is_another_thing_than_a_model() {
    let error = ApiError::from(Failure::AdapterNotFound("there are: poet".into()));
    assert_eq!((error.status, error.param.as_deref()), (404, Some("adapter")));
    assert_eq!(error.to_json()["error"]["code"], "adapter_not_found");
    assert_eq!(error.message, "there are: poet");
}

fn completion(finish_reason: FinishReason, cached_prompt_tokens: Option<u32>) -> Completion {
    Completion {
        id: "chatcmpl-1".into(),
        created: 7,
        model: "m".into(),
        choice: Choice {
            content: "hi".into(),
            tool_calls: vec![],
            logprobs: vec![],
            finish_reason,
        },
        usage: Usage {
            prompt_tokens: 9,
            completion_tokens: 2,
            cached_prompt_tokens,
        },
    }
}

/// Every reason, as OpenAI's clients read it, and what of the budget it was.
const REASONS: [(FinishReason, &str, Option<&str>); 6] = [
    (FinishReason::Stop, "stop", None),
    (FinishReason::Length, "length", None),
    (FinishReason::ToolCalls, "tool_calls", None),
    (FinishReason::ContentFilter, "content_filter", None),
    (FinishReason::CostExhausted, "length", Some("cost_micros_max")),
    (FinishReason::TimeExhausted, "length", Some("time_ms_max")),
];

#[test]
fn every_reason_is_one_of_openai_s_and_is_read_back() {
    for (reason, finish, budget) in REASONS {
        let whole = completion(reason, None);
        let json = whole.to_json();
        let choice = &json["choices"][0];
        assert_eq!(choice["finish_reason"], finish);
        assert_eq!(
            choice.get("budget_exhausted"),
            budget.map(|it| json!(it)).as_ref(),
            "{reason:?}"
        );
        assert_eq!(parse_completion(json.to_string().as_bytes()), Ok(whole));

        let writer = ChunkWriter::new("chatcmpl-1".into(), 7, "m".into(), false);
        let text = writer.end(reason, Usage::default());
        let events = ChunkReader::new().push(text.as_bytes()).expect("a stream");
        assert_eq!(events[1..], [ChatEvent::Finish(reason)], "{text}");
    }
}

#[test]
fn what_others_mean_by_a_budget_is_left_alone() {
    let event = |rest: &str| format!("data: {{\"model\":\"m\",\"choices\":[{{\"delta\":{{}},{rest}}}]}}\n\n");
    for (rest, wanted) in [
        (
            r#""finish_reason":"length","budget_exhausted":"thinking""#,
            FinishReason::Length,
        ),
        (
            r#""finish_reason":"length","budget_exhausted":{"a":1}"#,
            FinishReason::Length,
        ),
        (
            r#""finish_reason":"stop","budget_exhausted":"time_ms_max""#,
            FinishReason::Stop,
        ),
    ] {
        let events = ChunkReader::new().push(event(rest).as_bytes()).expect("a stream");
        assert_eq!(events[1..], [ChatEvent::Finish(wanted)], "{rest}");
    }
}

#[test]
fn cached_tokens_stand_where_openai_has_them() {
    for (cached, wanted) in [
        (None, None),
        (Some(0), Some(json!({ "cached_tokens": 0 }))),
        (Some(8), Some(json!({ "cached_tokens": 8 }))),
    ] {
        let whole = completion(FinishReason::Stop, cached);
        let json = whole.to_json();
        assert_eq!(json["usage"].get("prompt_tokens_details"), wanted.as_ref());
        assert_eq!(parse_completion(json.to_string().as_bytes()), Ok(whole.clone()));
        let writer = ChunkWriter::new("chatcmpl-1".into(), 7, "m".into(), true);
        let text = writer.end(FinishReason::Stop, whole.usage);
        let events = ChunkReader::new().push(text.as_bytes()).expect("a stream");
        assert_eq!(events.last(), Some(&ChatEvent::Usage(whole.usage)), "{text}");
    }
    // Some servers tell other details, or none.
    for details in ["null", "{}", r#"{"audio_tokens":1,"cached_tokens":null}"#] {
        let usage = format!(r#""usage":{{"prompt_tokens":1,"prompt_tokens_details":{details}}}"#);
        let event = format!("data: {{\"model\":\"m\",\"choices\":[],{usage}}}\n\n");
        let events = ChunkReader::new().push(event.as_bytes()).expect("a stream");
        let wanted = Usage {
            prompt_tokens: 1,
            ..Usage::default()
        };
        assert_eq!(events[1..], [ChatEvent::Usage(wanted)], "{details}");
    }
}

fn requests() -> impl Strategy<Value = ChatRequest> {
    let number = || proptest::option::of(any::<u64>());
    let name = || proptest::option::of("[^\\p{C}]{1,32}");
    let priority = prop::sample::select(vec![Priority::Low, Priority::Normal, Priority::High]);
    let budget = (proptest::option::of(1_u32..), number(), number(), number());
    (budget, name(), name(), priority).prop_map(|(budget, adapter, tenant, priority)| {
        let (total_tokens, cost_micros_max, time_ms_max, deadline_ms) = budget;
        ChatRequest {
            budget: Budget {
                total_tokens,
                cost_micros_max,
                time_ms_max,
                deadline_ms,
            },
            adapter,
            tenant,
            priority,
            ..with("n", &json!(1)).expect("a request")
        }
    })
}

proptest! {
    /// Whatever a client asks for, a server reads as it was asked.
    #[test]
    fn what_is_written_is_read(request in requests()) {
        prop_assert_eq!(parse_chat(&request.to_json()), Ok(request));
    }
}
