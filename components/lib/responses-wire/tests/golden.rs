//! Real-shaped exchanges, held against golden files.

mod exchange;

use exchange::Exchange;
use gyre_chat_wire::{ApiError, ChatEvent, SseParser, StreamError, parse_completion};
use gyre_responses_wire::{Accepted, Head, ResponseWriter, parse, render};
use serde_json::{Value, json};

const DONE_S: u64 = 1_700_000_009;

fn head() -> Head {
    Head {
        suffix: "1".into(),
        created_s: 1_700_000_000,
        model: "talk".into(),
    }
}

fn streamed(
    accepted: &Accepted,
    events: &[ChatEvent],
    ended: Result<(), StreamError>,
) -> Result<String, ApiError> {
    let mut writer = ResponseWriter::new(head(), accepted.echo.clone());
    let mut text = writer.start();
    for event in events {
        text += &writer.push(event)?;
    }
    Ok(text
        + &match ended {
            Ok(()) => writer.end(DONE_S),
            Err(StreamError::Failed(error)) => writer.fail(&error),
            Err(other) => panic!("{other}"),
        })
}

/// The events of a body, each with its name; the name is its type too.
fn events(body: &str) -> Value {
    let parsed = SseParser::new().push(body.as_bytes()).expect("short");
    let read = |event: gyre_chat_wire::SseEvent| {
        let data: Value = serde_json::from_str(&event.data).expect("JSON");
        assert_eq!(data["type"], json!(event.event));
        data
    };
    parsed.into_iter().map(read).collect()
}

fn check(name: &str) {
    let mut exchange = Exchange::read(name);
    let asked = parse(&exchange.request()).and_then(gyre_responses_wire::Asked::alone);
    let accepted = match asked {
        Ok(accepted) => accepted,
        Err(error) => {
            exchange.check("status", json!(error.status));
            exchange.check("refusal", error.to_json());
            return exchange.finish();
        }
    };
    let chat = serde_json::from_slice(&accepted.chat.to_json()).expect("JSON");
    exchange.check("chat", chat);
    if let Some(completion) = exchange.file.get("completion") {
        let completion = parse_completion(completion.to_string().as_bytes()).expect("a completion");
        let answer = render(&head(), &accepted.echo, &completion, DONE_S);
        exchange.check("answer", answer);
    }
    if let Some((pieces, ended)) = exchange.chunks() {
        let body = streamed(&accepted, &pieces, ended).expect("in place");
        exchange.check("events", events(&body));
    }
    exchange.finish();
}

#[test]
fn plain() {
    check("plain");
}

#[test]
fn schema() {
    check("schema");
}

#[test]
fn tools() {
    check("tools");
}

#[test]
fn one_tool_at_a_time() {
    check("one_tool_at_a_time");
}

#[test]
fn results() {
    check("results");
}

#[test]
fn incomplete() {
    check("incomplete");
}

#[test]
fn logprobs() {
    check("logprobs");
}

#[test]
fn failed() {
    check("failed");
}

#[test]
fn cut() {
    check("cut");
}

#[test]
fn refused_tool() {
    check("refused_tool");
}

#[test]
fn refused_previous() {
    check("refused_previous");
}

#[test]
fn refused_image() {
    check("refused_image");
}

/// What is whole and what is streamed end in the same object, but for the ids of nothing.
#[test]
fn whole_and_streamed_answers_are_one() {
    for name in ["plain", "tools", "one_tool_at_a_time", "incomplete", "logprobs"] {
        let file = Exchange::read(name).file;
        let last = file["events"].as_array().expect("events").last().expect("one");
        let mut streamed = last["response"].clone();
        // The whole answers of the files know nothing of a cache.
        streamed["usage"] = file["answer"]["usage"].clone();
        assert_eq!(streamed, file["answer"], "{name}");
    }
}
