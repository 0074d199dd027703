//! Streams of events, as a seam.

use std::future::Future;

use crate::failure::Failure;

/// Most entries or streams that one call gives.
pub const ITEMS_MAX: u32 = 1000;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What kind of thing.
    pub kind: String,
    /// A JSON object.
    pub body: String,
}

/// An event in its stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place, from 1.
    pub sequence: u64,
    /// When it was appended, in milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// The event.
    pub event: Event,
}

/// What is known of a stream without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    /// Its name.
    pub name: String,
    /// How many events it has.
    pub length: u64,
    /// When its first event was appended.
    pub created_ms: u64,
    /// When its last event was appended.
    pub updated_ms: u64,
}

/// A ledger; the port's own words say what each call does.
pub trait Ledger {
    /// Appends all events, or none; when a length is expected, only to a stream that has it. Gives the new length.
    fn append(
        &self,
        name: &str,
        expected: Option<u64>,
        events: Vec<Event>,
    ) -> impl Future<Output = Result<u64, Failure>>;

    /// Events after a sequence, oldest first. May give fewer than `limit`; nothing means the end.
    fn read(&self, name: &str, after: u64, limit: u32) -> impl Future<Output = Result<Vec<Entry>, Failure>>;

    /// The last events, oldest first.
    fn tail(&self, name: &str, limit: u32) -> impl Future<Output = Result<Vec<Entry>, Failure>>;

    /// Streams whose name begins with a prefix, changed last first.
    fn list(
        &self,
        prefix: &str,
        offset: u32,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Stream>, Failure>>;

    /// Removes a stream; whether there was one.
    fn remove(&self, name: &str) -> impl Future<Output = Result<bool, Failure>>;
}
