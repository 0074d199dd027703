//! How clients put the events of a message together: the rules of `anthropic-sdk-python` 2.12, which know nothing of the
//! writer.

use gyre_chat_wire::SseParser;
use serde_json::{Value, json};

/// A message as it grows. Arguments are parsed when a block stops; a client parses what there is after each part.
pub(crate) fn accumulate(body: &str) -> Value {
    let mut message = Value::Null;
    let mut buffers: Vec<String> = Vec::new();
    let mut open: Option<usize> = None;
    let mut stopped = false;
    for event in SseParser::new().push(body.as_bytes()).unwrap() {
        let data: Value = serde_json::from_str(&event.data).unwrap();
        assert_eq!(data["type"], event.event.as_str(), "the event's name is its type");
        assert!(!stopped, "{} after message_stop", event.event);
        let index = data["index"].as_u64().and_then(|it| usize::try_from(it).ok());
        match event.event.as_str() {
            "message_start" => {
                assert!(message.is_null(), "it starts once");
                message = data["message"].clone();
            }
            "ping" => assert!(!message.is_null()),
            "content_block_start" => {
                assert_eq!(
                    (open, index),
                    (None, Some(buffers.len())),
                    "blocks follow each other"
                );
                open = index;
                message["content"]
                    .as_array_mut()
                    .unwrap()
                    .push(data["content_block"].clone());
                buffers.push(String::new());
            }
            "content_block_delta" => {
                assert_eq!(open, index, "only the open block grows");
                let block = &mut message["content"][index.unwrap()];
                grow(block, &mut buffers[index.unwrap()], &data["delta"]);
            }
            "content_block_stop" => {
                assert_eq!(open.take(), index, "the open block stops");
                let buffer = &buffers[index.unwrap()];
                if !buffer.is_empty() {
                    message["content"][index.unwrap()]["input"] =
                        serde_json::from_str(buffer).unwrap_or(Value::Null);
                }
            }
            "message_delta" => {
                assert_eq!(open, None);
                for (name, value) in data["delta"].as_object().unwrap() {
                    message[name] = value.clone();
                }
                for (name, value) in data["usage"].as_object().unwrap() {
                    message["usage"][name] = value.clone();
                }
            }
            "message_stop" => stopped = true,
            other => panic!("an event {other}"),
        }
    }
    assert!(stopped, "it ends");
    message
}

fn grow(block: &mut Value, buffer: &mut String, delta: &Value) {
    match (delta["type"].as_str().unwrap(), block["type"].as_str().unwrap()) {
        ("text_delta", "text") => {
            let text = block["text"].as_str().unwrap().to_owned() + delta["text"].as_str().unwrap();
            block["text"] = json!(text);
        }
        ("input_json_delta", "tool_use") => buffer.push_str(delta["partial_json"].as_str().unwrap()),
        (delta, block) => panic!("{delta} in {block}"),
    }
}
