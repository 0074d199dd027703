//! A ledger in memory, for tests: each call is one step of a clock that the test sets.

use std::cell::{Cell, RefCell};

use crate::failure::Failure;
use crate::ledger::{Entry, Event, Ledger, Stream};

/// Streams in the order of their last change, the first changed first.
#[derive(Debug, Default)]
pub struct Double {
    /// What the clock shows at an append.
    pub now_ms: Cell<u64>,
    /// Appends that another writer comes before, each time by one event of its own.
    pub intruders: RefCell<Vec<Event>>,
    streams: RefCell<Vec<(String, Vec<Entry>)>>,
}

impl Double {
    fn entries(&self, name: &str) -> Vec<Entry> {
        let streams = self.streams.borrow();
        let found = streams.iter().find(|(n, _)| n == name);
        found.map(|(_, entries)| entries.clone()).unwrap_or_default()
    }

    fn push(&self, name: &str, events: Vec<Event>) -> u64 {
        let mut entries = self.entries(name);
        for event in events {
            entries.push(Entry {
                sequence: entries.len() as u64 + 1,
                at_ms: self.now_ms.get(),
                event,
            });
        }
        let length = entries.len() as u64;
        let mut streams = self.streams.borrow_mut();
        streams.retain(|(n, _)| n != name);
        streams.push((name.to_owned(), entries));
        length
    }
}

impl Ledger for Double {
    async fn append(&self, name: &str, expected: Option<u64>, events: Vec<Event>) -> Result<u64, Failure> {
        let intruder = self.intruders.borrow_mut().pop();
        if let Some(event) = intruder {
            self.push(name, vec![event]);
        }
        let length = self.entries(name).len() as u64;
        match expected {
            Some(expected) if expected != length => Err(Failure::Conflict(length)),
            _ => Ok(self.push(name, events)),
        }
    }

    async fn read(&self, name: &str, after: u64, limit: u32) -> Result<Vec<Entry>, Failure> {
        let entries = self
            .entries(name)
            .into_iter()
            .filter(|entry| entry.sequence > after);
        Ok(entries.take(limit as usize).collect())
    }

    async fn tail(&self, name: &str, limit: u32) -> Result<Vec<Entry>, Failure> {
        let mut entries = self.entries(name);
        let first = entries.len().saturating_sub(limit as usize);
        Ok(entries.split_off(first))
    }

    async fn list(&self, prefix: &str, offset: u32, limit: u32) -> Result<Vec<Stream>, Failure> {
        let streams = self.streams.borrow();
        let found = streams.iter().rev().filter(|(name, _)| name.starts_with(prefix));
        let page = found.skip(offset as usize).take(limit as usize);
        Ok(page
            .map(|(name, entries)| Stream {
                name: name.clone(),
                length: entries.len() as u64,
                created_ms: entries.first().map_or(0, |entry| entry.at_ms),
                updated_ms: entries.last().map_or(0, |entry| entry.at_ms),
            })
            .collect())
    }

    async fn remove(&self, name: &str) -> Result<bool, Failure> {
        let mut streams = self.streams.borrow_mut();
        let before = streams.len();
        streams.retain(|(n, _)| n != name);
        Ok(streams.len() < before)
    }
}
