//! Conversations as real servers have them, in files: what goes in, and what must come out.

use gyre_chat_wire::{ChatEvent, StreamError, parse_chat};
use gyre_gemini_wire::{AnswerReader, Asked, parse_answer, request_json};
use serde_json::{Value, json};
use std::path::Path;

fn read(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn golden(name: &str) -> Value {
    serde_json::from_slice(&read(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

const ASKED: Asked<'_> = Asked {
    model: "asked",
    created_s: 7,
};

#[test]
fn requests() {
    for name in ["plain", "tools"] {
        let chat = parse_chat(&read(&format!("{name}.chat.json"))).unwrap();
        let body: Value = serde_json::from_slice(&request_json(&chat).unwrap()).unwrap();
        assert_eq!(body, golden(&format!("{name}.body.json")), "{name}");
    }
}

#[test]
fn whole_answers() {
    for name in ["plain", "tools", "blocked"] {
        let completion = parse_answer(&read(&format!("{name}.answer.json")), ASKED).unwrap();
        assert_eq!(
            completion.to_json(),
            golden(&format!("{name}.completion.json")),
            "{name}"
        );
    }
}

fn told(event: &ChatEvent) -> Value {
    match event {
        ChatEvent::Model(model) => json!({ "model": model }),
        ChatEvent::Text(text) => json!({ "text": text }),
        ChatEvent::ToolCall(part) => json!({ "call": [part.index, part.id, part.name, part.arguments] }),
        ChatEvent::Logprobs(all) => json!({ "logprobs": all.len() }),
        ChatEvent::Finish(reason) => json!({ "finish": reason.as_str() }),
        ChatEvent::Usage(usage) => {
            json!({ "usage": [usage.prompt_tokens, usage.completion_tokens, usage.cached_prompt_tokens] })
        }
    }
}

#[test]
fn streams_however_they_are_cut() {
    let body = read("tools.chunks.sse");
    for size in [1, 7, body.len()] {
        let mut reader = AnswerReader::new("asked");
        let mut all = Vec::new();
        for piece in body.chunks(size) {
            all.extend(reader.push(piece).unwrap());
        }
        assert!(reader.is_done());
        reader.finish().unwrap();
        let all: Vec<Value> = all.iter().map(told).collect();
        assert_eq!(Value::Array(all), golden("tools.told.json"), "{size}");
    }
}

#[test]
fn a_stream_that_does_not_say_why_it_ended_was_cut() {
    let body = read("tools.chunks.sse");
    let last = body.windows(6).rposition(|it| it == b"data: ").unwrap();
    let mut reader = AnswerReader::new("asked");
    reader.push(&body[..last]).unwrap();
    assert!(!reader.is_done());
    assert_eq!(reader.finish(), Err(StreamError::Cut));
}

#[test]
fn a_blocked_prompt_in_a_stream_is_content_withheld() {
    let blocked = format!("data: {}\n\n", golden("blocked.answer.json"));
    let mut reader = AnswerReader::new("asked");
    let all: Vec<Value> = reader
        .push(blocked.as_bytes())
        .unwrap()
        .iter()
        .map(told)
        .collect();
    let wanted = json!([
        { "model": "gemini-2.5-flash" }, { "finish": "content_filter" }, { "usage": [9, 0, null] },
    ]);
    assert_eq!(Value::Array(all), wanted);
}
