//! The events of a streamed message, as Anthropic's clients put them together.

mod accumulate;

use accumulate::accumulate;
use gyre_anthropic_wire::face::{Answer, MessageWriter, PING, error_event, render_message};
use gyre_chat_wire::{ApiError, ChatEvent, Choice, Completion, FinishReason, ToolCall, ToolCallPart, Usage};
use proptest::prelude::*;
use serde_json::{Value, json};

const USAGE: Usage = Usage {
    prompt_tokens: 9,
    completion_tokens: 7,
    cached_prompt_tokens: Some(4),
};

fn answer() -> Answer {
    Answer {
        id: "msg_1".into(),
        model: "asked".into(),
        single_tool_use: false,
    }
}

fn part(index: u32, start: Option<&str>, arguments: &str) -> ChatEvent {
    ChatEvent::ToolCall(ToolCallPart {
        index,
        id: start.map(|name| format!("call_{name}_{index}")),
        name: start.map(str::to_owned),
        arguments: arguments.into(),
    })
}

/// `text` in pieces at these places.
fn cut(text: &str, places: &[prop::sample::Index]) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut places: Vec<usize> = places.iter().map(|it| it.index(chars.len() + 1)).collect();
    places.extend([0, chars.len()]);
    places.sort_unstable();
    places
        .windows(2)
        .map(|ends| chars[ends[0]..ends[1]].iter().collect())
        .collect()
}

type Cuts = Vec<prop::sample::Index>;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn events_of_any_chunks_are_the_message(
        text in "\\PC{0,40}",
        calls in prop::collection::vec(
            ("[a-z]{1,8}", prop::collection::btree_map("[a-z]{0,4}", "\\PC{0,12}", 0..4), any::<bool>()), 0..5),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let cuts: Cuts = cuts;
        let mut writer = MessageWriter::new(answer());
        let mut out = writer.push(ChatEvent::Model("m".into())).unwrap();
        out.push_str(PING);
        for piece in cut(&text, &cuts) {
            out.push_str(&writer.push(ChatEvent::Text(piece)).unwrap());
        }
        let mut tool_calls = Vec::new();
        for (index, (name, input, spaced)) in (0..).zip(&calls) {
            let compact = json!(input).to_string();
            let arguments = match (spaced, input.is_empty()) {
                (true, true) => " \n".to_owned(),
                (true, false) => format!("\n {compact} "),
                (false, _) => compact,
            };
            out.push_str(&writer.push(part(index, Some(name), "")).unwrap());
            for piece in cut(&arguments, &cuts) {
                out.push_str(&writer.push(part(index, None, &piece)).unwrap());
            }
            tool_calls.push(ToolCall { id: format!("call_{name}_{index}"), name: name.clone(), arguments });
        }
        let finish_reason = if calls.is_empty() { FinishReason::Stop } else { FinishReason::ToolCalls };
        writer.push(ChatEvent::Finish(finish_reason)).unwrap();
        writer.push(ChatEvent::Usage(USAGE)).unwrap();
        out.push_str(&writer.end().unwrap());
        let completion = Completion {
            id: String::new(), created: 0, model: "m".into(), usage: USAGE,
            choice: Choice { content: text, tool_calls, logprobs: vec![], finish_reason },
        };
        prop_assert_eq!(accumulate(&out), render_message(&completion, &answer()).unwrap());
    }
}

/// All events of these chunks, or the error that ends them.
fn written(chunks: Vec<ChatEvent>) -> Result<String, ApiError> {
    let mut writer = MessageWriter::new(answer());
    let mut out = String::new();
    for chunk in chunks {
        out.push_str(&writer.push(chunk)?);
    }
    Ok(out + &writer.end()?)
}

fn text(text: &str) -> ChatEvent {
    ChatEvent::Text(text.into())
}

#[test]
fn reasons_of_the_end() {
    for (reason, wanted, budget) in [
        (FinishReason::Stop, "end_turn", Value::Null),
        (FinishReason::Length, "max_tokens", Value::Null),
        (FinishReason::ContentFilter, "refusal", Value::Null),
        (
            FinishReason::CostExhausted,
            "max_tokens",
            json!("cost_micros_max"),
        ),
    ] {
        let out = written(vec![
            text("a"),
            ChatEvent::Finish(reason),
            ChatEvent::Usage(USAGE),
        ])
        .unwrap();
        let message = accumulate(&out);
        assert_eq!(
            (&message["stop_reason"], &message["budget_exhausted"]),
            (&json!(wanted), &budget)
        );
        assert_eq!(message["model"], "asked", "a stream that names none");
        assert_eq!(message["usage"]["input_tokens"], 5);
    }
    let out = written(vec![
        part(0, Some("f"), "{\"a\":"),
        ChatEvent::Finish(FinishReason::Length),
        ChatEvent::Usage(USAGE),
    ]);
    assert_eq!(
        accumulate(&out.unwrap())["stop_reason"],
        "max_tokens",
        "a call may be cut by the limit"
    );
}

#[test]
fn a_whole_message_leaves_out_a_call_that_was_cut() {
    let call = |id: &str, arguments: &str| ToolCall {
        id: id.into(),
        name: "f".into(),
        arguments: arguments.into(),
    };
    let completion = |first: &str, last: &str, finish_reason| Completion {
        id: String::new(),
        created: 0,
        model: "m".into(),
        usage: USAGE,
        choice: Choice {
            content: String::new(),
            tool_calls: vec![call("a", first), call("b", last)],
            logprobs: vec![],
            finish_reason,
        },
    };
    let cut = render_message(&completion("{}", "{\"x", FinishReason::Length), &answer()).unwrap();
    assert_eq!(
        cut["content"],
        json!([{ "type": "tool_use", "id": "a", "name": "f", "input": {} }])
    );
    assert_eq!(cut["stop_reason"], "max_tokens");
    for (first, last, reason) in [
        ("{\"x", "{}", FinishReason::Length),
        ("{}", "{\"x", FinishReason::ToolCalls),
    ] {
        let error = render_message(&completion(first, last, reason), &answer()).expect_err("is broken");
        assert_eq!(error.status, 502);
    }
}

#[test]
fn answers_that_are_none_fail() {
    let stop = || ChatEvent::Finish(FinishReason::Stop);
    let usage = || ChatEvent::Usage(USAGE);
    for (chunks, what) in [
        (vec![text("a"), usage()], "why it ended"),
        (vec![text("a"), stop()], "what it cost"),
        (vec![stop(), stop()], "ended twice"),
        (vec![stop(), text("a")], "after its end"),
        (
            vec![ChatEvent::Finish(FinishReason::ToolCalls), usage()],
            "has none",
        ),
        (vec![part(0, None, "{}")], "no id or no name"),
        (vec![part(1, Some("f"), "{}")], "out of order"),
        (
            vec![
                part(0, Some("f"), "{}"),
                part(1, Some("g"), "{}"),
                part(0, None, "{}"),
            ],
            "out of order",
        ),
        (
            vec![part(0, Some("f"), "{}"), text("a"), part(0, None, "{}")],
            "out of order",
        ),
        (
            vec![part(0, Some("f"), "[1]"), text("a")],
            "`f` are no JSON object",
        ),
        (
            vec![part(0, Some("f"), "{"), stop(), usage()],
            "`f` are no JSON object",
        ),
    ] {
        let error = written(chunks).expect_err(what);
        assert!(error.message.contains(what), "{}", error.message);
        let event = error_event(&error, Some("req_1"));
        assert!(
            event.starts_with("event: error\ndata: {") && event.ends_with("}\n\n"),
            "{event}"
        );
        assert!(event.contains("\"api_error\""), "{event}");
    }
}
