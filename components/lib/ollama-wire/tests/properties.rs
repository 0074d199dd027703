//! Whatever comes in, nothing panics, refusals keep their shape, and streams add up.

mod accumulator;

use accumulator::Accumulator;
use gyre_chat_wire::{ApiError, ChatEvent, FinishReason, Logprobs, TokenLogprob, ToolCallPart, Usage};
use gyre_ollama_wire::{
    LineWriter, Shape, Timings, error_json, parse_chat, parse_embed, parse_embeddings, parse_generate,
    parse_show,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Values that are nearly requests: known names, with anything below them.
fn values() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "model",
        "messages",
        "role",
        "content",
        "tool_calls",
        "function",
        "name",
        "arguments",
        "tool_name",
        "id",
        "tool_call_id",
        "tools",
        "type",
        "parameters",
        "format",
        "options",
        "stop",
        "seed",
        "num_predict",
        "num_ctx",
        "repeat_penalty",
        "repeat_last_n",
        "keep_alive",
        "think",
        "stream",
        "prompt",
        "input",
        "images",
        "x",
    ]);
    let words = prop::sample::select(vec![
        "",
        "m",
        "user",
        "assistant",
        "tool",
        "json",
        "5m",
        "-1h",
        "1.s",
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

fn check_all(body: &[u8]) -> Result<(), TestCaseError> {
    check_refusal(parse_chat(body))?;
    check_refusal(parse_generate(body))?;
    check_refusal(parse_embed(body))?;
    check_refusal(parse_embeddings(body))?;
    check_refusal(parse_show(body))
}

fn check_refusal<T>(read: Result<T, ApiError>) -> Result<(), TestCaseError> {
    let Err(error) = read else {
        return Ok(());
    };
    prop_assert_eq!(error.status, 400);
    let shown = error_json(&error);
    prop_assert_eq!(shown.as_object().map(Map::len), Some(1));
    prop_assert!(shown["error"].as_str().is_some_and(|text| !text.is_empty()));
    Ok(())
}

/// Texts, tokens and the pieces of whole calls, between each other in any way.
fn events() -> impl Strategy<Value = (Vec<ChatEvent>, Vec<(String, Value)>)> {
    let object = prop::collection::vec(("[a-z]{1,3}", any::<i32>()), 0..3).prop_map(|pairs| {
        let pairs = pairs.into_iter().map(|(name, number)| (name, json!(number)));
        Value::Object(pairs.collect())
    });
    let calls = prop::collection::vec(("[a-z]{1,5}", object), 0..4);
    let texts = prop::collection::vec((".{0,6}", any::<bool>()), 0..12);
    (texts, calls, prop::collection::vec(0usize..16, 0..64)).prop_map(|(texts, calls, cuts)| {
        let mut events = Vec::new();
        for (text, told) in texts {
            let chosen = TokenLogprob {
                bytes: text.clone().into_bytes(),
                logprob: -0.5,
            };
            if told {
                events.push(ChatEvent::Logprobs(vec![Logprobs { chosen, top: vec![] }]));
            }
            events.push(ChatEvent::Text(text));
        }
        let mut cuts = cuts.into_iter();
        for (index, (name, arguments)) in calls.iter().enumerate() {
            let mut rest = arguments.to_string();
            let mut name = Some(name.clone());
            while name.is_some() || !rest.is_empty() {
                let at = cuts.next().unwrap_or(usize::MAX).min(rest.len());
                let after = rest.split_off(at);
                let part = ToolCallPart {
                    index: u32::try_from(index).expect("few"),
                    id: None,
                    name: name.take(),
                    arguments: std::mem::replace(&mut rest, after),
                };
                let place = cuts.next().unwrap_or(0) % (events.len() + 1);
                // Pieces of a call keep their order; texts may stand between them.
                let last = events
                    .iter()
                    .rposition(|event| matches!(event, ChatEvent::ToolCall(_)));
                events.insert(
                    last.map_or(place, |last| place.max(last + 1)),
                    ChatEvent::ToolCall(part),
                );
            }
        }
        (events, calls)
    })
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..200)) {
        check_all(&body)?;
    }

    #[test]
    fn any_json_is_read_or_refused(value in values(), messages in values(), options in values(), keep in values()) {
        check_all(value.to_string().as_bytes())?;
        let mut near = json!({ "model": "m", "messages": messages, "prompt": "hi", "options": options, "keep_alive": keep });
        check_all(near.to_string().as_bytes())?;
        near["messages"] = json!([messages, options]);
        near["tools"] = json!([messages]);
        check_all(near.to_string().as_bytes())?;
    }

    #[test]
    fn streams_add_up((events, calls) in events(), cut: bool) {
        let mut writer = LineWriter::new(Shape::Chat, "m".into());
        let mut body = String::new();
        for event in &events {
            body += &writer.push(event, 7).expect("in place");
        }
        let usage = Usage { prompt_tokens: 5, completion_tokens: 7, cached_prompt_tokens: None };
        if !cut {
            for event in [ChatEvent::Finish(FinishReason::Stop), ChatEvent::Usage(usage)] {
                body += &writer.push(&event, 7).expect("in place");
            }
        }
        body += &writer.end(8, &Timings::default());
        let read = Accumulator::read(&body);
        let said: String = events.iter().filter_map(|event| match event {
            ChatEvent::Text(text) => Some(text.as_str()),
            _ => None,
        }).collect();
        prop_assert_eq!(read.text, said);
        prop_assert_eq!(read.raised.is_some(), cut);
        if cut {
            prop_assert!(read.last.is_none() && read.calls.is_empty());
        } else {
            let told = events.iter().filter(|event| matches!(event, ChatEvent::Logprobs(_))).count();
            prop_assert_eq!(read.tokens, told);
            prop_assert_eq!(read.calls, calls);
            let last = read.last.expect("a last line");
            prop_assert_eq!(&last["done_reason"], "stop");
            prop_assert_eq!((last["prompt_eval_count"].as_u64(), last["eval_count"].as_u64()), (Some(5), Some(7)));
        }
    }
}

#[test]
fn what_is_out_of_place_is_refused() {
    let part = |name: Option<&str>, arguments: &str| {
        ChatEvent::ToolCall(ToolCallPart {
            index: 0,
            id: None,
            name: name.map(str::to_owned),
            arguments: arguments.into(),
        })
    };
    let finish = ChatEvent::Finish(FinishReason::ToolCalls);
    let refused = |shape, events: &[ChatEvent]| {
        let mut writer = LineWriter::new(shape, "m".into());
        let ended: Result<Vec<_>, _> = events.iter().map(|event| writer.push(event, 0)).collect();
        ended.expect_err("out of place")
    };
    for (shape, events, words) in [
        (Shape::Chat, vec![part(None, "{}")], "without its name"),
        (
            Shape::Chat,
            vec![part(Some("t"), "[1]"), finish.clone()],
            "no JSON object",
        ),
        (
            Shape::Chat,
            vec![part(Some("t"), "{\"a\":"), finish.clone()],
            "no JSON object",
        ),
        (
            Shape::Generate,
            vec![part(Some("t"), "{}"), finish],
            "none were offered",
        ),
        (
            Shape::Chat,
            vec![part(Some("t"), &"x".repeat(5 << 20))],
            "more arguments",
        ),
    ] {
        let error = refused(shape, &events);
        assert_eq!(error.status, 502);
        assert!(error.message.contains(words), "{}", error.message);
    }
}
