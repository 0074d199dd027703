//! Events and streams, in the terms of the port.

/// Something that happened; mirrors `gyre:ledger/types.event`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What kind of thing.
    pub kind: String,
    /// A JSON object.
    pub body: String,
}

/// An event in its stream; mirrors `gyre:ledger/types.entry`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place, from 1.
    pub sequence: u64,
    /// When it was appended.
    pub at_ms: u64,
    /// The event.
    pub event: Event,
}

/// What is known of a stream; mirrors `gyre:ledger/types.stream-info`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamInfo {
    /// Its name.
    pub name: String,
    /// How many events it has.
    pub length: u64,
    /// When its first event was appended.
    pub created_ms: u64,
    /// When its last event was appended.
    pub updated_ms: u64,
}
