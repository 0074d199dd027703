//! Whatever comes in, nothing panics, refusals keep their shape, and streams add up.

mod accumulator;

use accumulator::Accumulator;
use gyre_chat_wire::{ChatEvent, FinishReason, Logprobs, SseParser, TokenLogprob, ToolCallPart, Usage};
use gyre_responses_wire::{Asked, Echo, Head, ResponseWriter, parse};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Values that are nearly requests: known names, with anything below them.
fn values() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "model",
        "input",
        "tools",
        "tool_choice",
        "type",
        "role",
        "content",
        "text",
        "format",
        "name",
        "call_id",
        "output",
        "arguments",
        "schema",
        "include",
        "metadata",
        "reasoning",
        "stream",
        "budget",
        "parameters",
        "mode",
        "store",
        "previous_response_id",
        "instructions",
        "x",
    ]);
    let words = prop::sample::select(vec![
        "",
        "m",
        "message",
        "user",
        "assistant",
        "function",
        "function_call",
        "function_call_output",
        "input_text",
        "json_schema",
        "required",
        "allowed_tools",
        "reasoning",
        "\u{0}é",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        words.prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..8).prop_map(|pairs| {
                let named = pairs.into_iter().map(|(name, value)| (name.to_owned(), value));
                Value::Object(named.collect::<Map<_, _>>())
            }),
        ]
    })
}

fn events() -> impl Strategy<Value = Vec<ChatEvent>> {
    let token = |text: String| TokenLogprob {
        bytes: text.into_bytes(),
        logprob: -0.5,
    };
    let text = ".{1,6}".prop_map(ChatEvent::Text);
    let told = "[a-z]{1,3}".prop_map(move |text| {
        let chosen = token(text);
        let top = vec![chosen.clone()];
        ChatEvent::Logprobs(vec![Logprobs { chosen, top }])
    });
    // Pieces of calls, numbered when all are there.
    let piece = (any::<bool>(), any::<bool>(), "[{}\"a-z]{0,4}").prop_map(|(new, with_id, arguments)| {
        ChatEvent::ToolCall(ToolCallPart {
            index: 0,
            id: with_id.then(|| "c".into()),
            name: new.then(|| "tool".into()),
            arguments,
        })
    });
    prop::collection::vec(prop_oneof![3 => text, 1 => told, 3 => piece], 0..30).prop_map(numbered)
}

/// A piece with a name, or after a text, begins a call; the others go on with it.
fn numbered(mut events: Vec<ChatEvent>) -> Vec<ChatEvent> {
    let (mut next, mut open) = (0, false);
    for event in &mut events {
        match event {
            ChatEvent::Text(_) => open = false,
            ChatEvent::ToolCall(part) => {
                if part.name.is_some() || !open {
                    part.name = Some(format!("tool{next}"));
                    part.id = part.id.take().map(|_| format!("call{next}"));
                    next += 1;
                    open = true;
                }
                part.index = next - 1;
            }
            _ => {}
        }
    }
    events
}

fn reasons() -> impl Strategy<Value = FinishReason> {
    prop::sample::select(vec![
        FinishReason::Stop,
        FinishReason::ToolCalls,
        FinishReason::Length,
        FinishReason::ContentFilter,
        FinishReason::TimeExhausted,
    ])
}

fn echo(parallel: bool) -> Echo {
    let body = json!({ "model": "m", "input": "hi", "parallel_tool_calls": parallel });
    let asked = parse(body.to_string().as_bytes()).and_then(Asked::alone);
    asked.expect("a request").echo
}

fn writer(parallel: bool) -> ResponseWriter {
    let head = Head {
        suffix: "x".into(),
        created_s: 1,
        model: "m".into(),
    };
    ResponseWriter::new(head, echo(parallel))
}

fn read(body: &str) -> Accumulator {
    let mut accumulator = Accumulator::default();
    for event in SseParser::new().push(body.as_bytes()).expect("short") {
        accumulator.take(&serde_json::from_str(&event.data).expect("JSON"));
    }
    accumulator
}

/// What was said: all text, and each call's name and arguments.
fn said(events: &[ChatEvent], parallel: bool) -> (String, Vec<(String, String)>) {
    let (mut text, mut calls) = (String::new(), Vec::<(String, String)>::new());
    for event in events {
        match event {
            ChatEvent::Text(piece) => text.push_str(piece),
            ChatEvent::ToolCall(part) => {
                let at = part.index as usize;
                if at == calls.len() {
                    calls.push((part.name.clone().expect("new"), String::new()));
                }
                calls[at].1.push_str(&part.arguments);
            }
            _ => {}
        }
    }
    if !parallel {
        calls.truncate(1);
    }
    (text, calls)
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..200)) {
        check_refusal(&body)?;
    }

    #[test]
    fn any_json_is_read_or_refused(value in values(), input in values(), tools in values(), choice in values()) {
        check_refusal(value.to_string().as_bytes())?;
        let mut near = json!({ "model": "m", "input": input, "tools": tools, "tool_choice": choice });
        check_refusal(near.to_string().as_bytes())?;
        near["input"] = json!([input]);
        near["tools"] = json!([tools]);
        check_refusal(near.to_string().as_bytes())?;
    }

    #[test]
    fn streams_add_up(events in events(), reason in reasons(), parallel: bool) {
        let mut writer = writer(parallel);
        let mut body = writer.start();
        for event in &events {
            body += &writer.push(event).expect("in place");
        }
        let usage = Usage { prompt_tokens: 5, completion_tokens: 7, cached_prompt_tokens: Some(2) };
        for event in [ChatEvent::Finish(reason), ChatEvent::Usage(usage)] {
            body += &writer.push(&event).expect("in place");
        }
        body += &writer.end(2);
        let read = read(&body);
        let complete = matches!(reason, FinishReason::Stop | FinishReason::ToolCalls);
        prop_assert_eq!(read.last(), if complete { "response.completed" } else { "response.incomplete" });
        // What the pieces add up to is what the end says.
        prop_assert_eq!(read.before_end(), &read.response["output"]);
        prop_assert_eq!(read.response["usage"]["total_tokens"].as_u64(), Some(12));
        let (text, mut calls) = said(&events, parallel);
        let last_is_call = read.response["output"].as_array().and_then(|items| items.last())
            .is_some_and(|item| item["type"] == "function_call");
        let count = calls.len();
        for (index, (_, arguments)) in calls.iter_mut().enumerate() {
            let whole = complete || index + 1 < count || !last_is_call;
            if arguments.is_empty() && whole {
                arguments.push_str("{}");
            }
        }
        prop_assert_eq!(read.text(), text);
        prop_assert_eq!(read.calls(), calls);
    }

    /// A stream that fails says all that was said, and never that it is complete.
    #[test]
    fn a_cut_stream_fails(events in events()) {
        let mut writer = writer(true);
        let mut body = writer.start();
        for event in &events {
            body += &writer.push(event).expect("in place");
        }
        let read = read(&(body + &writer.end(2)));
        prop_assert_eq!(read.last(), "response.failed");
        prop_assert_eq!(&read.response["error"]["code"], "server_error");
        prop_assert!(read.raised.is_some());
        prop_assert_eq!(read.text(), said(&events, true).0);
    }
}

fn check_refusal(body: &[u8]) -> Result<(), TestCaseError> {
    let Err(error) = parse(body).and_then(Asked::alone) else {
        return Ok(());
    };
    prop_assert_eq!(error.status, 400);
    let shown = error.to_json();
    let shown = &shown["error"];
    prop_assert!(shown["message"].as_str().is_some_and(|text| !text.is_empty()));
    prop_assert_eq!(&shown["type"], "invalid_request_error");
    prop_assert!(shown["code"].is_string());
    prop_assert!(shown["param"].is_string() || shown["param"].is_null());
    Ok(())
}

#[test]
fn what_is_out_of_place_is_refused() {
    let part = |index, name: Option<&str>| {
        ChatEvent::ToolCall(ToolCallPart {
            index,
            id: None,
            name: name.map(str::to_owned),
            arguments: "{}".into(),
        })
    };
    let mut writer = writer(true);
    assert!(writer.push(&part(0, None)).is_err());
    assert!(writer.push(&part(0, Some("a"))).is_ok());
    assert!(writer.push(&part(1, Some("b"))).is_ok());
    let error = writer.push(&part(0, None)).expect_err("it had ended");
    assert_eq!((error.status, error.code.as_deref()), (502, Some("unreadable")));
}

#[test]
fn an_answer_has_a_bound() {
    let mut writer = writer(true);
    let large = ChatEvent::Text("x".repeat(9 << 20));
    assert!(writer.push(&large).is_ok());
    let error = writer.push(&large).expect_err("18 MiB");
    assert_eq!(error.code.as_deref(), Some("answer_too_large"));
    let mut writer = self::writer(true);
    let token = TokenLogprob {
        bytes: vec![b'x'],
        logprob: -0.5,
    };
    let tokens = ChatEvent::Logprobs(vec![
        Logprobs {
            chosen: token.clone(),
            top: vec![token; 20],
        };
        13_000
    ]);
    assert!(writer.push(&tokens).is_ok());
    assert!(writer.push(&tokens).is_err());
}
