//! The boundary: `gyre:ledger` in, `spin:sqlite` out.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::bindings::Leaf;
use crate::bindings::exports::gyre::ledger::log::{self as port, Guest};
use crate::connection::Connection;
use crate::entry::{Entry, Event, StreamInfo};
use crate::error::Error;
use crate::{read, write};

impl Guest for Leaf {
    async fn append(name: String, events: Vec<port::Event>) -> Result<u64, port::Error> {
        append(&name, None, events).await
    }

    async fn compare_and_append(
        name: String,
        expected: u64,
        events: Vec<port::Event>,
    ) -> Result<u64, port::Error> {
        append(&name, Some(expected), events).await
    }

    async fn read(name: String, after: u64, limit: u32) -> Result<Vec<port::Entry>, port::Error> {
        let db = Connection::open().await?;
        let entries = read::read(&db, &name, after, limit).await?;
        Ok(entries.into_iter().map(entry).collect())
    }

    async fn tail(name: String, limit: u32) -> Result<Vec<port::Entry>, port::Error> {
        let db = Connection::open().await?;
        let entries = read::tail(&db, &name, limit).await?;
        Ok(entries.into_iter().map(entry).collect())
    }

    async fn list(prefix: String, offset: u32, limit: u32) -> Result<Vec<port::StreamInfo>, port::Error> {
        let db = Connection::open().await?;
        let streams = read::list(&db, &prefix, offset, limit).await?;
        Ok(streams.into_iter().map(info).collect())
    }

    async fn remove(name: String) -> Result<bool, port::Error> {
        let db = Connection::open().await?;
        Ok(write::remove(&db, &name).await?)
    }
}

async fn append(name: &str, expected: Option<u64>, events: Vec<port::Event>) -> Result<u64, port::Error> {
    let db = Connection::open().await?;
    let events = events
        .into_iter()
        .map(|event| Event {
            kind: event.kind,
            body: event.body,
        })
        .collect();
    Ok(write::append(&db, now_ms(), name, expected, events).await?)
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn entry(entry: Entry) -> port::Entry {
    port::Entry {
        sequence: entry.sequence,
        at_ms: entry.at_ms,
        event: port::Event {
            kind: entry.event.kind,
            body: entry.event.body,
        },
    }
}

fn info(info: StreamInfo) -> port::StreamInfo {
    port::StreamInfo {
        name: info.name,
        length: info.length,
        created_ms: info.created_ms,
        updated_ms: info.updated_ms,
    }
}

impl From<Error> for port::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Conflict(length) => Self::Conflict(length),
            Error::Invalid(text) => Self::Invalid(text),
            Error::Unavailable(text) => Self::Unavailable(text),
            Error::Internal(text) => Self::Internal(text),
        }
    }
}
