//! A collector made by the test: it takes OTLP over HTTP and keeps what came.

use anyhow::{Context, Result, bail, ensure};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::metrics::v1::Metric;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const WAIT: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(50);

/// What came, each with the component it is of.
#[derive(Debug, Default, Clone)]
pub(crate) struct Came {
    pub(crate) spans: Vec<(String, Span)>,
    pub(crate) logs: Vec<(String, LogRecord)>,
    pub(crate) metrics: Vec<(String, Metric)>,
}

impl Came {
    /// The span of this name.
    pub(crate) fn span(&self, name: &str) -> Result<&(String, Span)> {
        let found = self.spans.iter().find(|(_, span)| span.name == name);
        found.with_context(|| format!("no span {name} among {:?}", self.names()))
    }

    fn names(&self) -> Vec<&str> {
        self.spans.iter().map(|(_, span)| span.name.as_str()).collect()
    }
}

/// A running collector; it ends with the test.
pub(crate) struct Collector {
    pub(crate) url: String,
    came: Arc<Mutex<Came>>,
}

impl Collector {
    /// Starts it on a free port.
    pub(crate) async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let collector = Self {
            url: format!("http://{}", listener.local_addr()?),
            came: Arc::default(),
        };
        let came = Arc::clone(&collector.came);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&came)));
            }
        });
        Ok(collector)
    }

    /// What has come so far.
    pub(crate) fn came(&self) -> Came {
        self.came.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until what came is enough.
    pub(crate) async fn until(&self, enough: impl Fn(&Came) -> bool) -> Result<Came> {
        let waited = async {
            while !enough(&self.came()) {
                tokio::time::sleep(POLL).await;
            }
        };
        if tokio::time::timeout(WAIT, waited).await.is_err() {
            bail!("not enough came: {:?}", self.came());
        }
        Ok(self.came())
    }
}

async fn serve(mut stream: TcpStream, came: Arc<Mutex<Came>>) -> Result<()> {
    loop {
        let (path, body) = read(&mut stream).await?;
        keep(
            &path,
            &body,
            &mut came.lock().unwrap_or_else(PoisonError::into_inner),
        )?;
        stream
            .write_all(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n",
            )
            .await?;
    }
}

async fn read(stream: &mut TcpStream) -> Result<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
            let length: usize = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())
                .context("no length")?;
            ensure!(head.contains("content-type: application/x-protobuf"), "{head}");
            if bytes.len() >= end + 4 + length {
                let path = head.split(' ').nth(1).context("no path")?.to_owned();
                return Ok((path, bytes[end + 4..end + 4 + length].to_vec()));
            }
        }
        ensure!(stream.read_buf(&mut bytes).await? > 0, "the request was cut");
    }
}

fn keep(path: &str, body: &[u8], came: &mut Came) -> Result<()> {
    match path {
        "/v1/traces" => {
            for of in ExportTraceServiceRequest::decode(body)?.resource_spans {
                let component = component(of.resource)?;
                let spans = of.scope_spans.into_iter().flat_map(|scope| scope.spans);
                came.spans.extend(spans.map(|span| (component.clone(), span)));
            }
        }
        "/v1/logs" => {
            for of in ExportLogsServiceRequest::decode(body)?.resource_logs {
                let component = component(of.resource)?;
                let logs = of.scope_logs.into_iter().flat_map(|scope| scope.log_records);
                came.logs.extend(logs.map(|log| (component.clone(), log)));
            }
        }
        "/v1/metrics" => {
            for of in ExportMetricsServiceRequest::decode(body)?.resource_metrics {
                let component = component(of.resource)?;
                let metrics = of.scope_metrics.into_iter().flat_map(|scope| scope.metrics);
                came.metrics
                    .extend(metrics.map(|metric| (component.clone(), metric)));
            }
        }
        other => bail!("nothing is exported to {other}"),
    }
    Ok(())
}

fn component(resource: Option<Resource>) -> Result<String> {
    let attributes = resource.context("no resource")?.attributes;
    ensure!(text(&attributes, "service.name").is_some(), "no service");
    text(&attributes, "gyre.component").context("no component")
}

/// A text among attributes.
pub(crate) fn text(attributes: &[KeyValue], key: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.key == key)?;
    match found.value.clone()?.value? {
        Value::StringValue(text) => Some(text),
        other => Some(format!("{other:?}")),
    }
}
