//! Agent events as server-sent events: `id` counts up, `event` is the type, `data` is the JSON.

use crate::event::Event;

/// Media type of the stream.
pub const MEDIA_TYPE: &str = "text/event-stream";

/// Longest event that is read. An event holds at most the passages of one search.
const EVENT_BYTES_MAX: usize = 1024 * 1024;

/// Why a stream cannot be read to its end. Each of these means: the answer is not whole.
#[derive(Debug, thiserror::Error)]
pub enum Cut {
    /// The bytes ended, and the last event was neither `done` nor `error`.
    #[error("the stream of events was cut: it ended without `done` or `error`")]
    Ended,
    /// Something came after the event that ends a stream.
    #[error("an event came after the end of the stream")]
    AfterEnd,
    /// An event is larger than any that is sent.
    #[error("an event is larger than {EVENT_BYTES_MAX} bytes")]
    TooLarge,
    /// The bytes are not UTF-8.
    #[error("an event is not UTF-8")]
    Encoding,
    /// The data is no event.
    #[error("an event cannot be read")]
    Event(#[source] serde_json::Error),
}

/// The bytes of one event. `id` is its place in the stream, from 0.
#[must_use]
pub fn render(id: u64, event: &Event) -> String {
    // Only strings, numbers and JSON values, with string keys: serde_json cannot fail on them.
    let data = serde_json::to_string(event).unwrap_or_default();
    format!("id: {id}\nevent: {}\ndata: {data}\n\n", event.name())
}

/// Reads events from bytes, however they are cut into chunks.
#[derive(Debug, Default)]
pub struct Parser {
    line: Vec<u8>,
    data: Option<String>,
    after_cr: bool,
    ended: bool,
}

impl Parser {
    /// A parser at the start of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes; returns the events they complete.
    pub fn feed(&mut self, chunk: &[u8]) -> Result<Vec<Event>, Cut> {
        let mut events = Vec::new();
        for &byte in chunk {
            // CR LF is one line end, also when a chunk ends between the two.
            let lf_of_crlf = self.after_cr && byte == b'\n';
            self.after_cr = byte == b'\r';
            if lf_of_crlf {
                continue;
            }
            if byte == b'\n' || byte == b'\r' {
                events.extend(self.end_line()?);
            } else if self.line.len() + self.data.as_ref().map_or(0, String::len) >= EVENT_BYTES_MAX {
                return Err(Cut::TooLarge);
            } else {
                self.line.push(byte);
            }
        }
        Ok(events)
    }

    /// Says whether the stream was whole. To be called when the bytes have ended.
    pub fn finish(&self) -> Result<(), Cut> {
        if self.ended { Ok(()) } else { Err(Cut::Ended) }
    }

    /// Whether `done` or `error` was read.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    fn end_line(&mut self) -> Result<Option<Event>, Cut> {
        let bytes = std::mem::take(&mut self.line);
        let line = std::str::from_utf8(&bytes).map_err(|_| Cut::Encoding)?;
        if line.is_empty() {
            return self.dispatch();
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        // The event's name and id repeat what the data says; comments are keep-alives.
        if field == "data" {
            let value = value.strip_prefix(' ').unwrap_or(value);
            match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                none => *none = Some(value.to_owned()),
            }
        }
        Ok(None)
    }

    fn dispatch(&mut self) -> Result<Option<Event>, Cut> {
        let Some(data) = self.data.take() else {
            return Ok(None);
        };
        if self.ended {
            return Err(Cut::AfterEnd);
        }
        let event: Event = serde_json::from_str(&data).map_err(Cut::Event)?;
        self.ended = event.is_end();
        Ok(Some(event))
    }
}
