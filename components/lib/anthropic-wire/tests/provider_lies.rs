//! What a server of Anthropic's API does wrong in an answer.

use gyre_anthropic_wire::provider::{MessageReader, parse_message};
use gyre_chat_wire::StreamError;
use serde_json::json;

fn stream(events: &[&str]) -> Result<(), StreamError> {
    let mut reader = MessageReader::new();
    for data in events {
        reader.push(format!("data: {data}\n\n").as_bytes())?;
    }
    reader.finish()
}

const START: &str =
    r#"{"type":"message_start","message":{"model":"m","usage":{"input_tokens":1,"output_tokens":1}}}"#;
const TEXT: &str = r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#;
const END: &str =
    r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1}}"#;
const STOP: &str = r#"{"type":"message_stop"}"#;

#[test]
fn streams_that_break_the_protocol() {
    let text_delta = r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}"#;
    let json_delta =
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{"}}"#;
    let block_stop = r#"{"type":"content_block_stop","index":0}"#;
    let strange =
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"server_tool_use","id":"s"}}"#;
    let paused =
        r#"{"type":"message_delta","delta":{"stop_reason":"pause_turn"},"usage":{"output_tokens":1}}"#;
    assert_eq!(stream(&[START, TEXT, text_delta, block_stop, END, STOP]), Ok(()));
    assert_eq!(
        stream(&[START, TEXT, text_delta, block_stop, END]),
        Err(StreamError::Cut)
    );
    for events in [
        &[TEXT][..],
        &[START, START],
        &[START, text_delta],
        &[START, block_stop],
        &[START, TEXT, json_delta],
        &[START, TEXT, TEXT],
        &[START, TEXT, block_stop, block_stop],
        &[START, strange],
        &[START, paused],
        &[START, END, END],
        &[START, STOP],
        &["<html>"],
        &[r#"{"type":"message_start"}"#],
    ] {
        let broken = stream(events);
        assert!(
            matches!(broken, Err(StreamError::Unreadable(_))),
            "{events:?}: {broken:?}"
        );
    }
}

#[test]
fn an_error_in_a_stream_is_what_its_status_would_be() {
    for (kind, status) in [
        ("overloaded_error", 529),
        ("rate_limit_error", 429),
        ("new_error", 500),
    ] {
        let data = json!({ "type": "error", "error": { "type": kind, "message": "Overloaded" } }).to_string();
        let Err(StreamError::Failed(error)) = stream(&[START, &data]) else {
            panic!("{kind} is an error");
        };
        assert_eq!((error.status, error.message.as_str()), (status, "Overloaded"));
    }
    let bare = stream(&[r#"{"type":"error"}"#]);
    assert!(matches!(bare, Err(StreamError::Failed(error)) if error.status == 500));
}

#[test]
fn whole_messages_that_cannot_be_read() {
    for body in [
        json!({}),
        json!({ "id": "i", "model": "m", "content": [], "stop_reason": null, "usage": {} }),
        json!({ "id": "i", "model": "m", "content": [{ "type": "image" }], "stop_reason": "end_turn", "usage": {} }),
        json!({ "id": "i", "model": "m", "content": [], "stop_reason": "new_reason", "usage": {} }),
    ] {
        assert!(parse_message(body.to_string().as_bytes(), 0).is_err(), "{body}");
    }
}
