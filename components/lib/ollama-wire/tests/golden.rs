//! Real-shaped exchanges, held against golden files.

mod exchange;

use exchange::Exchange;
use gyre_chat_wire::{ChatEvent, StreamError, parse_completion};
use gyre_ollama_wire::{
    Endpoint, LineWriter, Shape, Timings, Work, error_json, parse_chat, parse_generate, render, render_loaded,
};
use serde_json::{Value, json};

const NOW_MS: u64 = 1_700_000_000_123;
const TIMINGS: Timings = Timings {
    total_ns: 4_000_000_000,
    load_ns: 1_000_000,
    prompt_ns: 900_000_000,
    answer_ns: 3_000_000_000,
};

fn lines(shape: Shape, events: &[ChatEvent], ended: Result<(), StreamError>) -> Value {
    let mut writer = LineWriter::new(shape, "talk".into());
    let mut body = String::new();
    for event in events {
        body += &writer.push(event, NOW_MS).expect("in place");
    }
    body += &match ended {
        Ok(()) => writer.end(NOW_MS, &TIMINGS),
        Err(StreamError::Failed(error)) => LineWriter::fail(&error),
        Err(other) => panic!("{other}"),
    };
    assert!(body.ends_with('\n'));
    body.lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"))
        .collect()
}

fn check(name: &str) {
    let mut exchange = Exchange::read(name);
    let path = exchange.file["path"].as_str().expect("a path").to_owned();
    let asked = match Endpoint::of("POST", &path).expect("a path") {
        Endpoint::Chat => parse_chat(&exchange.request()),
        Endpoint::Generate => parse_generate(&exchange.request()),
        other => panic!("{other:?}"),
    };
    let asked = match asked {
        Ok(asked) => asked,
        Err(error) => {
            exchange.check("status", json!(error.status));
            exchange.check("refusal", error_json(&error));
            return exchange.finish();
        }
    };
    match &asked.work {
        Work::Load => exchange.check("answer", render_loaded(asked.shape, &asked.model, NOW_MS)),
        Work::Talk(talk) => {
            let chat = serde_json::from_slice(&talk.chat.to_json()).expect("JSON");
            exchange.check("chat", chat);
            exchange.check(
                "beside",
                json!(format!("{:?} {:?}", talk.repeat, asked.keep_alive)),
            );
        }
    }
    if let Some(completion) = exchange.file.get("completion") {
        let completion = parse_completion(completion.to_string().as_bytes()).expect("a completion");
        let answer = render(asked.shape, &completion, NOW_MS, &TIMINGS);
        exchange.check("answer", answer.expect("in place"));
    }
    if let Some((events, ended)) = exchange.chunks() {
        exchange.check("lines", lines(asked.shape, &events, ended));
    }
    exchange.finish();
}

#[test]
fn chat() {
    check("chat");
}

#[test]
fn chat_stream_tools() {
    check("chat_stream_tools");
}

#[test]
fn chat_results() {
    check("chat_results");
}

#[test]
fn schema() {
    check("schema");
}

#[test]
fn generate() {
    check("generate");
}

#[test]
fn langchain() {
    check("langchain");
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
fn load() {
    check("load");
}

#[test]
fn refused_image() {
    check("refused_image");
}

#[test]
fn refused_think() {
    check("refused_think");
}

#[test]
fn refused_option() {
    check("refused_option");
}
