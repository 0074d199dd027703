//! The import.

mod bindings {
    wit_bindgen::generate!({
        path: "../../../wit/ledger",
        world: "gyre:ledger/shell",
        generate_all,
    });
}

use bindings::gyre::ledger::log;
use bindings::gyre::ledger::types::Error;

use crate::failure::Failure;
use crate::ledger::{Entry, Event, Ledger, Stream};

/// The ledger that `spin.toml` gives this component.
#[derive(Debug, Clone, Copy, Default)]
pub struct Port;

impl Ledger for Port {
    async fn append(&self, name: &str, expected: Option<u64>, events: Vec<Event>) -> Result<u64, Failure> {
        let name = name.to_owned();
        let events = events
            .into_iter()
            .map(|event| log::Event {
                kind: event.kind,
                body: event.body,
            })
            .collect();
        let appended = match expected {
            Some(expected) => log::compare_and_append(name, expected, events).await,
            None => log::append(name, events).await,
        };
        Ok(appended?)
    }

    async fn read(&self, name: &str, after: u64, limit: u32) -> Result<Vec<Entry>, Failure> {
        let entries = log::read(name.to_owned(), after, limit).await?;
        Ok(entries.into_iter().map(entry).collect())
    }

    async fn tail(&self, name: &str, limit: u32) -> Result<Vec<Entry>, Failure> {
        let entries = log::tail(name.to_owned(), limit).await?;
        Ok(entries.into_iter().map(entry).collect())
    }

    async fn list(&self, prefix: &str, offset: u32, limit: u32) -> Result<Vec<Stream>, Failure> {
        let streams = log::list(prefix.to_owned(), offset, limit).await?;
        Ok(streams
            .into_iter()
            .map(|stream| Stream {
                name: stream.name,
                length: stream.length,
                created_ms: stream.created_ms,
                updated_ms: stream.updated_ms,
            })
            .collect())
    }

    async fn remove(&self, name: &str) -> Result<bool, Failure> {
        Ok(log::remove(name.to_owned()).await?)
    }
}

fn entry(entry: log::Entry) -> Entry {
    Entry {
        sequence: entry.sequence,
        at_ms: entry.at_ms,
        event: Event {
            kind: entry.event.kind,
            body: entry.event.body,
        },
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Conflict(length) => Self::Conflict(length),
            Error::Invalid(text) => Self::Invalid(text),
            Error::Unavailable(text) => Self::Unavailable(text),
            Error::Internal(text) => Self::Internal(text),
        }
    }
}
