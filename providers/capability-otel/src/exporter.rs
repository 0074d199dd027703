//! Sends what waits to a collector: OTLP, protobuf over HTTP.

use crate::Config;
use crate::convert::{attribute, resource_of};
use crate::queue::{Batch, Dropped, Queue, Record, Signal};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Client, StatusCode};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot};

/// How often what waits is sent.
const EVERY: Duration = Duration::from_secs(1);
const TRIES_MAX: u32 = 3;
/// The wait after the first try that failed; it doubles.
const BACKOFF: Duration = Duration::from_millis(250);
/// The end of the process waits so long for the last of it.
const FLUSH_WAIT: Duration = Duration::from_secs(5);

/// A handle on the exporter; clones share it. What waits is sent when the last is gone.
#[derive(Clone)]
pub struct Exporter(Arc<Inner>);

struct Inner {
    queue: Arc<Queue>,
    half_full: Arc<Notify>,
    flush: mpsc::Sender<oneshot::Sender<()>>,
    resource: Vec<KeyValue>,
    enabled: [bool; 3],
}

impl fmt::Debug for Exporter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Exporter")
    }
}

impl Exporter {
    /// Starts to export. Must be called within a Tokio runtime, and after a TLS provider was installed.
    pub fn start(config: Config) -> Result<Self, reqwest::Error> {
        let http = Client::builder()
            .timeout(config.timeout)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        let queue = Arc::new(Queue::default());
        let half_full = Arc::new(Notify::new());
        let (flush, flushes) = mpsc::channel(1);
        let resource = config
            .resource
            .iter()
            .map(|(key, value)| attribute(key, value))
            .collect();
        let enabled = Signal::ALL.map(|signal| config.endpoints[signal as usize].is_some());
        let sender = Sender {
            http,
            config,
            queue: Arc::clone(&queue),
        };
        tokio::spawn(sender.run(Arc::clone(&half_full), flushes));
        Ok(Self(Arc::new(Inner {
            queue,
            half_full,
            flush,
            resource,
            enabled,
        })))
    }

    /// Sends what waits, and waits for it a bounded time.
    pub async fn flush(&self) {
        let (done, sent) = oneshot::channel();
        let flushed = async {
            if self.0.flush.send(done).await.is_ok() {
                // An error means that the sender is gone, and with it what it would send.
                sent.await.ok();
            }
        };
        if tokio::time::timeout(FLUSH_WAIT, flushed).await.is_err() {
            tracing::warn!("the last telemetry did not reach the collector in time");
        }
    }

    /// Records of a kind that were lost: the queue was full, they were too large, or the collector did not take them.
    #[must_use]
    pub fn dropped(&self, signal: Signal) -> u64 {
        self.0.queue.dropped(signal)
    }

    /// Keeps a record until it is sent. One of a kind that nobody wants is forgotten.
    pub(crate) fn push(&self, record: Record) -> Result<(), Dropped> {
        if !self.0.enabled[record.signal() as usize] {
            return Ok(());
        }
        if self.0.queue.push(record)? {
            self.0.half_full.notify_one();
        }
        Ok(())
    }

    /// Counts a record that was refused.
    pub(crate) fn count_dropped(&self, signal: Signal) {
        self.0.queue.count(signal, 1);
    }

    /// Whom a component's telemetry is of. What the host says wins over what the guest says.
    pub(crate) fn resource(&self, component: &str, guest: Vec<KeyValue>) -> Resource {
        resource_of(&self.0.resource, component, guest)
    }
}

struct Sender {
    http: Client,
    config: Config,
    queue: Arc<Queue>,
}

impl Sender {
    async fn run(self, half_full: Arc<Notify>, mut flushes: mpsc::Receiver<oneshot::Sender<()>>) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(EVERY) => self.send(self.queue.take()).await,
                () = half_full.notified() => self.send(self.queue.take()).await,
                flush = flushes.recv() => {
                    self.send(self.queue.take()).await;
                    match flush {
                        // Who asked may have given up.
                        Some(done) => { let _ = done.send(()); }
                        None => return,
                    }
                }
            }
        }
    }

    async fn send(&self, batch: Batch) {
        let Batch {
            traces,
            metrics,
            logs,
            ..
        } = batch;
        let spans = traces.len();
        let traces = ExportTraceServiceRequest {
            resource_spans: traces,
        };
        self.post(Signal::Traces, spans, || traces.encode_to_vec()).await;
        let exports = metrics.len();
        let metrics = ExportMetricsServiceRequest {
            resource_metrics: metrics,
        };
        self.post(Signal::Metrics, exports, || metrics.encode_to_vec())
            .await;
        let records = logs.len();
        let logs = ExportLogsServiceRequest { resource_logs: logs };
        self.post(Signal::Logs, records, || logs.encode_to_vec()).await;
    }

    async fn post(&self, signal: Signal, records: usize, encode: impl FnOnce() -> Vec<u8>) {
        let Some(url) = self.config.endpoints[signal as usize]
            .as_ref()
            .filter(|_| records > 0)
        else {
            return;
        };
        let body = encode();
        for attempt in 0..TRIES_MAX {
            let answer = self
                .http
                .post(url.clone())
                .headers(self.config.headers.clone())
                .header(CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"))
                .body(body.clone())
                .send()
                .await;
            let why = match answer {
                Ok(answer) if answer.status().is_success() => return,
                Ok(answer) => Failure::of(answer.status()),
                Err(error) => Failure {
                    // Its URL may hold a key.
                    why: error.without_url().to_string(),
                    again: true,
                },
            };
            if !why.again || attempt + 1 == TRIES_MAX {
                tracing::warn!(
                    records,
                    signal = signal.name(),
                    "the collector did not take telemetry: {}",
                    why.why
                );
                break;
            }
            tokio::time::sleep(BACKOFF * 2_u32.pow(attempt)).await;
        }
        self.queue.count(signal, records as u64);
    }
}

struct Failure {
    why: String,
    again: bool,
}

impl Failure {
    /// By the specification only these are worth another try.
    fn of(status: StatusCode) -> Self {
        Self {
            why: format!("it answered {status}"),
            again: matches!(status.as_u16(), 429 | 502 | 503 | 504),
        }
    }
}
