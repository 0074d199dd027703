//! What the journal of a run is told: the agent's events, with neighbouring texts as one.

use gyre_agent_wire::Event;

/// Bytes of text that are kept together, give or take the last piece.
pub const TEXT_BYTES: usize = 16 * 1024;
/// Bytes of events in one batch, unless a single event is larger.
pub const BATCH_BYTES: usize = 512 * 1024;
/// Events in one batch.
pub const BATCH_EVENTS_MAX: usize = 512;

/// Takes events one by one and gives them back as batches for `POST /runs/{id}/events`.
#[derive(Debug, Default)]
pub struct Recorder {
    text: String,
    /// Each as the JSON of one event.
    entries: Vec<String>,
    /// Bytes of `entries`.
    bytes: usize,
    due: bool,
}

impl Recorder {
    /// A recorder before the first event.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next event.
    pub fn take(&mut self, event: &Event) {
        if let Event::TextDelta { text } = event {
            self.text.push_str(text);
            if self.text.len() >= TEXT_BYTES {
                self.end_text();
                self.due = true;
            }
            return;
        }
        self.end_text();
        self.push(event);
        // Calls and results are what one looks for in a run that hangs.
        self.due |= matches!(event, Event::ToolCall { .. } | Event::ToolResult { .. }) || event.is_end();
    }

    /// Whether something waits that should be written now rather than later.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.due
    }

    /// Bytes that wait to be written.
    #[must_use]
    pub fn backlog_bytes(&self) -> usize {
        self.bytes + self.text.len()
    }

    /// The body of the next request to the journal; none when no whole event waits.
    pub fn batch(&mut self) -> Option<Vec<u8>> {
        let mut bytes = 0;
        let fits = |entry: &&String| {
            let first = bytes == 0;
            bytes += entry.len();
            first || bytes <= BATCH_BYTES
        };
        let count = self
            .entries
            .iter()
            .take(BATCH_EVENTS_MAX)
            .take_while(fits)
            .count();
        let entries: Vec<String> = self.entries.drain(..count).collect();
        self.bytes -= entries.iter().map(String::len).sum::<usize>();
        self.due &= !self.entries.is_empty();
        (count > 0).then(|| format!(r#"{{"events":[{}]}}"#, entries.join(",")).into_bytes())
    }

    fn end_text(&mut self) {
        if !self.text.is_empty() {
            let text = std::mem::take(&mut self.text);
            self.push(&Event::TextDelta { text });
        }
    }

    fn push(&mut self, event: &Event) {
        // Only strings, numbers and JSON values, with string keys: serde_json cannot fail on them.
        let body = serde_json::to_string(event).unwrap_or_default();
        let entry = format!(r#"{{"kind":"{}","body":{body}}}"#, event.name());
        self.bytes += entry.len();
        self.entries.push(entry);
    }
}

#[cfg(test)]
mod tests;
