//! Server-sent events, numbered from 0.

use serde_json::{Value, json};

/// Numbers events and writes them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Events {
    next: u64,
}

impl Events {
    /// One event. `data` is an object; its type and number are added.
    pub(crate) fn write(&mut self, kind: &str, mut data: Value) -> String {
        data["type"] = json!(kind);
        data["sequence_number"] = json!(self.next);
        self.next += 1;
        format!("event: {kind}\ndata: {data}\n\n")
    }
}
