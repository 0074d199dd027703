//! What waits to be sent: bounded by bytes, and what does not fit is counted.

use crate::bounds::{QUEUE_BYTES_MAX, RECORD_BYTES_MAX};
use opentelemetry_proto::tonic::logs::v1::ResourceLogs;
use opentelemetry_proto::tonic::metrics::v1::ResourceMetrics;
use opentelemetry_proto::tonic::trace::v1::ResourceSpans;
use prost::Message;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// A kind of telemetry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Spans.
    Traces,
    /// Metrics.
    Metrics,
    /// Log records.
    Logs,
}

impl Signal {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Traces, Self::Metrics, Self::Logs];

    /// Its name, as in paths and labels.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Metrics => "metrics",
            Self::Logs => "logs",
        }
    }
}

/// It did not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dropped;

/// Something to send.
#[derive(Debug)]
pub(crate) enum Record {
    Span(ResourceSpans),
    Metrics(ResourceMetrics),
    Log(ResourceLogs),
}

impl Record {
    pub(crate) fn signal(&self) -> Signal {
        match self {
            Self::Span(_) => Signal::Traces,
            Self::Metrics(_) => Signal::Metrics,
            Self::Log(_) => Signal::Logs,
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Span(span) => span.encoded_len(),
            Self::Metrics(metrics) => metrics.encoded_len(),
            Self::Log(log) => log.encoded_len(),
        }
    }
}

/// Everything that waits.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) traces: Vec<ResourceSpans>,
    pub(crate) metrics: Vec<ResourceMetrics>,
    pub(crate) logs: Vec<ResourceLogs>,
    bytes: usize,
}

#[derive(Debug, Default)]
pub(crate) struct Queue {
    waiting: Mutex<Batch>,
    dropped: [AtomicU64; 3],
}

impl Queue {
    /// Keeps a record until it is sent; says whether half of the room is used up.
    pub(crate) fn push(&self, record: Record) -> Result<bool, Dropped> {
        let (signal, bytes) = (record.signal(), record.bytes());
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if bytes > RECORD_BYTES_MAX || waiting.bytes + bytes > QUEUE_BYTES_MAX {
            drop(waiting);
            self.count(signal, 1);
            return Err(Dropped);
        }
        waiting.bytes += bytes;
        match record {
            Record::Span(span) => waiting.traces.push(span),
            Record::Metrics(metrics) => waiting.metrics.push(metrics),
            Record::Log(log) => waiting.logs.push(log),
        }
        Ok(waiting.bytes > QUEUE_BYTES_MAX / 2)
    }

    /// Takes all that waits.
    pub(crate) fn take(&self) -> Batch {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Counts records that are lost.
    pub(crate) fn count(&self, signal: Signal, records: u64) {
        self.dropped[signal as usize].fetch_add(records, Ordering::Relaxed);
    }

    /// Records of a kind that were lost.
    pub(crate) fn dropped(&self, signal: Signal) -> u64 {
        self.dropped[signal as usize].load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(bytes: usize) -> Record {
        Record::Log(ResourceLogs {
            schema_url: "x".repeat(bytes),
            ..ResourceLogs::default()
        })
    }

    #[test]
    fn what_does_not_fit_is_dropped_and_counted() {
        let queue = Queue::default();
        assert_eq!(queue.push(log(RECORD_BYTES_MAX + 1)), Err(Dropped));
        let fits = QUEUE_BYTES_MAX / (200 * 1024);
        for _ in 0..fits {
            queue.push(log(200 * 1024 - 16)).expect("room");
        }
        assert_eq!(queue.push(log(200 * 1024)), Err(Dropped));
        assert_eq!(queue.dropped(Signal::Logs), 2);
        assert_eq!(queue.dropped(Signal::Traces), 0);
        assert_eq!(queue.take().logs.len(), fits);
        assert_eq!(queue.push(log(1)), Ok(false));
    }
}
