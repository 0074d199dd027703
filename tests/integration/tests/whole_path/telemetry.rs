//! Traces, logs and metrics: the host's and the guests', by OTLP.

use crate::metrics::at_least;
use crate::otlp::{Collector, text};
use anyhow::{Context, Result, ensure};
use gyre_test_support::{Server, Setup};
use serde_json::Value;

const APP: &str = r#"
spin_manifest_version = 2
[application]
name = "telling"
[[trigger.http]]
component = "teller"
route = "/..."
[component.teller]
source = "{guests}/fixture_telemetry.wasm"
allowed_outbound_hosts = ["http://echo.spin.internal"]
[[trigger.http]]
component = "echo"
route = { private = true }
[component.echo]
source = "{guests}/fixture_echo.wasm"
"#;

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CLIENT: &str = "b7ad6b7169203331";

async fn start(collector: &Collector) -> Result<Server> {
    let setup = Setup::app(APP)?.environment(ENDPOINT, &collector.url);
    setup.option("--admin", "127.0.0.1:0").start().await
}

/// Asks for work as a part of the client's trace.
async fn work(server: &Server) -> Result<Value> {
    let request = server.http().get(server.url("/work"));
    let traceparent = format!("00-{TRACE}-{CLIENT}-01");
    let answer = request
        .header("traceparent", traceparent)
        .send()
        .await?
        .text()
        .await?;
    serde_json::from_str(&answer).with_context(|| format!("{answer}; {}", server.stderr()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_guest_s_spans_logs_and_metrics_belong_to_the_host_s_span() -> Result<()> {
    let collector = Collector::start().await?;
    let server = start(&collector).await?;
    let said = work(&server).await?;
    ensure!(said["metric"].is_null(), "{said}");
    let whole =
        |came: &crate::otlp::Came| came.spans.len() >= 3 && !came.logs.is_empty() && !came.metrics.is_empty();
    let came = collector.until(whole).await?;
    let (owner, host) = came.span("teller.handle")?;
    ensure!(
        (owner.as_str(), hex(&host.trace_id).as_str()) == ("teller", TRACE),
        "{host:?}"
    );
    ensure!(hex(&host.parent_span_id) == CLIENT, "{host:?}");
    let (owner, guest) = came.span("fixture work")?;
    ensure!(
        owner == "teller" && guest.parent_span_id == host.span_id,
        "{guest:?}"
    );
    ensure!(hex(&guest.span_id) == said["span_id"], "{guest:?}");
    ensure!(
        text(&guest.attributes, "work.name").as_deref() == Some("a name"),
        "{guest:?}"
    );
    ensure!(
        text(&guest.attributes, "work.size").as_deref() == Some("IntValue(3)"),
        "{guest:?}"
    );
    // The neighbour was called within the guest's span, and says so itself.
    let (owner, neighbour) = came.span("echo.handle")?;
    ensure!(
        owner == "echo" && neighbour.parent_span_id == guest.span_id,
        "{neighbour:?}"
    );
    let expected = format!("00-{TRACE}-{}-01", hex(&neighbour.span_id));
    ensure!(said["neighbour"] == expected, "{said}");
    let (owner, log) = &came.logs[0];
    ensure!(owner == "teller" && log.span_id == guest.span_id, "{log:?}");
    let (owner, metric) = &came.metrics[0];
    ensure!(
        (owner.as_str(), metric.name.as_str()) == ("teller", "fixture.count"),
        "{metric:?}"
    );
    Ok(())
}

#[tokio::test]
async fn what_does_not_fit_is_dropped_and_counted() -> Result<()> {
    let collector = Collector::start().await?;
    let server = start(&collector).await?;
    let (status, flooded) = server.get("/flood").await?;
    ensure!(status == 200, "{flooded}");
    let dropped = "gyre_telemetry_dropped_total{signal=\"traces\"}";
    let metrics = at_least(&server, dropped, 1.0).await?;
    let before = crate::metrics::sample(&metrics, dropped)?;
    let (status, _) = server.get("/orphan").await?;
    ensure!(
        status == 200,
        "a span that was never started ends a call: {status}"
    );
    at_least(&server, dropped, before + 1.0).await?;
    Ok(())
}

#[tokio::test]
async fn the_last_spans_are_sent_before_the_host_ends() -> Result<()> {
    let collector = Collector::start().await?;
    let server = start(&collector).await?;
    work(&server).await?;
    server.terminate()?;
    ensure!(server.logs("gyre: stopped").await, "{}", server.stderr());
    collector.came().span("teller.handle")?;
    Ok(())
}

#[tokio::test]
async fn without_a_collector_a_trace_passes_through_untouched() -> Result<()> {
    let server = Setup::app(APP)?.start().await?;
    let said = work(&server).await?;
    ensure!(said["neighbour"] == format!("00-{TRACE}-{CLIENT}-01"), "{said}");
    ensure!(said["trace_id"] == TRACE, "{said}");
    Ok(())
}

#[tokio::test]
async fn a_collector_that_cannot_be_used_is_told_at_the_start() -> Result<()> {
    let setup = Setup::app(APP)?.environment(ENDPOINT, "http://127.0.0.1:1");
    let started = setup
        .environment("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
        .start()
        .await;
    let error = format!("{:#}", started.err().context("it started")?);
    ensure!(
        error.contains("OTEL_EXPORTER_OTLP_PROTOCOL") && error.contains("http/protobuf only"),
        "{error}"
    );
    Ok(())
}
