//! Server-sent events, each with the moment it arrived.

use anyhow::{Context, Result};
use reqwest::Response;
use serde_json::Value;
use std::time::Instant;

/// One event.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its `event:` line; empty when it has none.
    pub name: String,
    /// Its `id:` line; empty when it has none.
    pub id: String,
    /// Its `data:` lines.
    pub data: String,
    /// When the bytes that ended it came from the network: the same for events that came together.
    pub at: Instant,
}

impl Event {
    /// Its data as JSON.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.data).with_context(|| format!("not JSON: {}", self.data))
    }
}

/// An answer that is read event by event. Dropping it hangs up.
pub struct Events {
    answer: Response,
    pending: Vec<u8>,
    arrived: Instant,
    ended: bool,
}

impl Events {
    pub(crate) fn new(answer: Response) -> Self {
        Self {
            answer,
            pending: Vec::new(),
            arrived: Instant::now(),
            ended: false,
        }
    }

    /// The next event, or nothing at the end. A connection that is cut is an error.
    pub async fn next(&mut self) -> Result<Option<Event>> {
        loop {
            if let Some(end) = self.pending.windows(2).position(|pair| pair == b"\n\n") {
                let block: Vec<u8> = self.pending.drain(..end + 2).collect();
                return Ok(Some(parse(
                    &String::from_utf8(block).context("not UTF-8")?,
                    self.arrived,
                )));
            }
            if self.ended {
                return Ok(None);
            }
            match self.answer.chunk().await.context("the stream was cut")? {
                Some(bytes) => {
                    self.arrived = Instant::now();
                    self.pending.extend_from_slice(&bytes);
                }
                None => self.ended = true,
            }
        }
    }

    /// All that is left of it.
    pub async fn rest(mut self) -> Result<Vec<Event>> {
        let mut events = Vec::new();
        while let Some(event) = self.next().await? {
            events.push(event);
        }
        Ok(events)
    }
}

fn parse(block: &str, at: Instant) -> Event {
    let mut event = Event {
        name: String::new(),
        id: String::new(),
        data: String::new(),
        at,
    };
    for line in block.lines() {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut event.name),
            "id" => value.clone_into(&mut event.id),
            "data" if event.data.is_empty() => value.clone_into(&mut event.data),
            "data" => {
                event.data.push('\n');
                event.data.push_str(value);
            }
            _ => {}
        }
    }
    event
}
