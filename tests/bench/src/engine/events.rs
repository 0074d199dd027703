//! The events of a streamed completion. Pure.

use anyhow::{Context, Result, bail};
use serde_json::Value;

const DATA: &str = "data:";
const DONE: &str = "[DONE]";

/// Events from bytes in any pieces.
#[derive(Default)]
pub(crate) struct Events {
    rest: Vec<u8>,
    done: bool,
}

/// What one event adds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) text: String,
    /// Tokens of prompt and completion.
    pub(crate) usage: Option<(u32, u32)>,
    /// It says why the completion ended.
    pub(crate) finished: bool,
}

impl Events {
    /// The events that are whole with these bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Vec<Result<Event>> {
        self.rest.extend_from_slice(bytes);
        let mut events = Vec::new();
        while let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.rest.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            let Some(data) = line.trim().strip_prefix(DATA) else {
                continue;
            };
            match data.trim() {
                DONE => self.done = true,
                data => events.push(event(data)),
            }
        }
        events
    }

    /// Whether the stream said that it ended.
    pub(crate) fn done(&self) -> bool {
        self.done
    }
}

fn event(data: &str) -> Result<Event> {
    let value: Value = serde_json::from_str(data).context("an event is no JSON")?;
    if let Some(error) = value.get("error") {
        bail!("the stream failed: {error}");
    }
    let choice = &value["choices"][0];
    let count = |name: &str| u32::try_from(value["usage"][name].as_u64()?).ok();
    Ok(Event {
        text: choice["delta"]["content"].as_str().unwrap_or_default().to_owned(),
        usage: count("prompt_tokens").zip(count("completion_tokens")),
        finished: choice["finish_reason"].is_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_whatever_the_pieces() {
        let stream = "data: {\"choices\":[{\"delta\":{\"content\":\"ab\"}}]}\n\n: ping\n\n\
             data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}\r\n\r\n\
             data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n";
        for size in [1, 7, stream.len()] {
            let mut events = Events::default();
            let pieces = stream.as_bytes().chunks(size);
            let read: Vec<Event> = pieces
                .flat_map(|piece| events.push(piece))
                .map(|event| event.unwrap())
                .collect();
            assert_eq!(read.iter().map(|it| it.text.as_str()).collect::<String>(), "ab");
            assert_eq!(read.iter().filter(|it| it.finished).count(), 1, "{size}");
            assert_eq!(read.last().and_then(|it| it.usage), Some((3, 2)));
            assert!(events.done());
        }
    }

    #[test]
    fn a_failure_in_the_stream_is_one() {
        let mut events = Events::default();
        let read = events.push(b"data: {\"error\":{\"message\":\"busy\"}}\n\n");
        assert!(read[0].as_ref().unwrap_err().to_string().contains("busy"));
        assert!(!events.done());
    }
}
