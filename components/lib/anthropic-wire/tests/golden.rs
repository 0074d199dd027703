//! Conversations as real clients and servers have them, in files: what goes in, and what must come out.

use gyre_anthropic_wire::face::{Answer, MessageWriter, parse_message, render_message};
use gyre_anthropic_wire::provider::{self, MessageReader, request_json};
use gyre_chat_wire::{
    ChatEvent, ChatRequest, ChunkReader, SseEvent, SseParser, parse_chat, parse_completion,
};
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

fn json_of(chat: &ChatRequest) -> Value {
    serde_json::from_slice(&chat.to_json()).unwrap()
}

fn answer(single_tool_use: bool) -> Answer {
    Answer {
        id: "msg_1".into(),
        model: "asked".into(),
        single_tool_use,
    }
}

/// Names and data of server-sent events.
fn events(body: &[u8]) -> Vec<(String, Value)> {
    let event = |event: SseEvent| (event.event, serde_json::from_str(&event.data).unwrap());
    SseParser::new()
        .push(body)
        .unwrap()
        .into_iter()
        .map(event)
        .collect()
}

#[test]
fn requests_of_clients_become_ours() {
    for (name, single) in [
        ("face-plain", false),
        ("face-tools", true),
        ("face-schema", false),
    ] {
        let request = parse_message(&read(&format!("{name}.request.json"))).unwrap();
        assert_eq!(
            json_of(&request.chat),
            golden(&format!("{name}.chat.json")),
            "{name}"
        );
        assert_eq!(request.single_tool_use, single, "{name}");
    }
}

#[test]
fn completions_become_messages() {
    for name in ["face-plain", "face-tools"] {
        let completion = parse_completion(&read(&format!("{name}.completion.json"))).unwrap();
        let message = render_message(&completion, &answer(false)).unwrap();
        assert_eq!(message, golden(&format!("{name}.message.json")), "{name}");
    }
}

fn rewritten(chunks: &[u8], answer: Answer) -> String {
    let mut reader = ChunkReader::new();
    let mut writer = MessageWriter::new(answer);
    let mut out = String::new();
    for event in reader.push(chunks).unwrap() {
        out.push_str(&writer.push(event).unwrap());
    }
    reader.finish().unwrap();
    out + &writer.end().unwrap()
}

#[test]
fn chunks_become_events() {
    let out = rewritten(&read("face-tools.chunks.sse"), answer(false));
    assert_eq!(events(out.as_bytes()), events(&read("face-tools.events.sse")));
}

#[test]
fn one_call_is_all_where_no_more_are_wanted() {
    let out = rewritten(&read("face-tools.chunks.sse"), answer(true));
    let mut wanted = events(&read("face-tools.events.sse"));
    wanted.retain(|(_, data)| data["index"] != json!(2));
    assert_eq!(events(out.as_bytes()), wanted);
    let completion = parse_completion(&read("face-tools.completion.json")).unwrap();
    let message = render_message(&completion, &answer(true)).unwrap();
    assert_eq!(message["content"].as_array().unwrap().len(), 2);
    assert_eq!(message["stop_reason"], json!("tool_use"));
}

#[test]
fn our_requests_become_a_provider_s() {
    for name in ["provider-plain", "provider-tools"] {
        let chat = parse_chat(&read(&format!("{name}.chat.json"))).unwrap();
        let body: Value = serde_json::from_slice(&request_json(&chat, 2_048).unwrap()).unwrap();
        assert_eq!(body, golden(&format!("{name}.body.json")), "{name}");
    }
}

#[test]
fn a_provider_s_messages_become_completions() {
    let completion = provider::parse_message(&read("provider-tools.message.json"), 7).unwrap();
    assert_eq!(completion.to_json(), golden("provider-tools.completion.json"));
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
fn a_provider_s_events_become_chunks_however_they_are_cut() {
    let body = read("provider-tools.events.sse");
    for size in [1, 7, body.len()] {
        let mut reader = MessageReader::new();
        let mut all = Vec::new();
        for piece in body.chunks(size) {
            all.extend(reader.push(piece).unwrap());
        }
        assert!(reader.is_done());
        reader.finish().unwrap();
        let all: Vec<Value> = all.iter().map(told).collect();
        assert_eq!(Value::Array(all), golden("provider-tools.told.json"), "{size}");
    }
}

#[test]
fn a_stream_without_its_last_event_was_cut() {
    let body = read("provider-tools.events.sse");
    let end = body.len() - "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n".len();
    let mut reader = MessageReader::new();
    reader.push(&body[..end]).unwrap();
    assert!(!reader.is_done());
    assert_eq!(reader.finish(), Err(gyre_chat_wire::StreamError::Cut));
}
