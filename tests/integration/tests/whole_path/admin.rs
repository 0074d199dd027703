//! The operators' socket: /metrics, /ready, /live.

use crate::metrics::{at_least, sample, scrape};
use anyhow::{Context, Result, ensure};
use gyre_test_support::{Server, Setup};

const APP: &str = r#"
spin_manifest_version = 2
[application]
name = "operated"
[[trigger.http]]
component = "told"
route = "/..."
[component.told]
source = "{guests}/fixture_telemetry.wasm"
environment = { STREAM_MS = "5000" }
allowed_outbound_hosts = ["http://echo.spin.internal"]
[[trigger.http]]
component = "echo"
route = { private = true }
[component.echo]
source = "{guests}/fixture_echo.wasm"
[[trigger.http]]
component = "alone"
route = "/alone/..."
[component.alone]
source = "{guests}/fixture_echo.wasm"
"#;

async fn start() -> Result<Server> {
    Setup::app(APP)?.option("--admin", "127.0.0.1:0").start().await
}

async fn status(server: &Server, path: &str) -> Result<(u16, String)> {
    let answer = server
        .http()
        .get(format!("{}{path}", server.admin().await?))
        .send()
        .await?;
    Ok((answer.status().as_u16(), answer.text().await?))
}

#[tokio::test]
async fn calls_are_counted_by_component_and_outcome() -> Result<()> {
    let server = start().await?;
    for path in ["/live", "/ready"] {
        ensure!(status(&server, path).await?.0 == 200, "{path}");
    }
    ensure!(status(&server, "/").await?.0 == 404, "there is no such path");
    let posted = server
        .http()
        .post(format!("{}/metrics", server.admin().await?))
        .send()
        .await?;
    ensure!(posted.status() == 405, "{}", posted.status());
    let (asked, answer) = server.get("/work").await?;
    ensure!(asked == 200, "{answer}");
    let metrics = at_least(
        &server,
        "gyre_requests_total{component=\"told\",outcome=\"ok\"}",
        1.0,
    )
    .await?;
    for (name, expected) in [
        ("gyre_requests_total{component=\"echo\",outcome=\"ok\"}", 1.0),
        ("gyre_requests_total{component=\"alone\",outcome=\"ok\"}", 0.0),
        ("gyre_request_duration_seconds_count{component=\"told\"}", 1.0),
        (
            "gyre_outbound_requests_total{component=\"told\",decision=\"neighbour\"}",
            1.0,
        ),
        (
            "gyre_outbound_requests_total{component=\"told\",decision=\"denied\"}",
            0.0,
        ),
        ("gyre_sandboxes_running{component=\"told\"}", 0.0),
        (
            "gyre_response_body_bytes_total{component=\"told\"}",
            answer.to_string().len() as f64,
        ),
    ] {
        let value = sample(&metrics, name)?;
        ensure!(
            (value - expected).abs() < f64::EPSILON,
            "{name} is {value}, not {expected}"
        );
    }
    let (hits, misses) = ("{result=\"hit\"}", "{result=\"miss\"}");
    let compiled = sample(&metrics, &format!("gyre_compile_cache_lookups_total{hits}"))?
        + sample(&metrics, &format!("gyre_compile_cache_lookups_total{misses}"))?;
    ensure!(compiled > 0.0, "{metrics}");
    Ok(())
}

#[tokio::test]
async fn what_is_denied_and_what_takes_too_long_is_counted() -> Result<()> {
    let grant = "allowed_outbound_hosts = [\"http://echo.spin.internal\"]";
    let limit = "[component.told.tool.gyre]\nrequest_ms_max = 1500";
    let setup = Setup::app(APP)?.replace(grant, limit)?;
    let server = setup.option("--admin", "127.0.0.1:0").start().await?;
    let (refused, _) = server.get("/work").await?;
    ensure!(refused == 502, "{refused}");
    let cut = server
        .http()
        .get(server.url("/stream"))
        .send()
        .await?
        .text()
        .await;
    ensure!(cut.is_err(), "a stream that was cut looks whole: {cut:?}");
    let timeout = "gyre_requests_total{component=\"told\",outcome=\"timeout\"}";
    let metrics = at_least(&server, timeout, 1.0).await?;
    let denied = sample(
        &metrics,
        "gyre_outbound_requests_total{component=\"told\",decision=\"denied\"}",
    )?;
    ensure!(denied >= 1.0, "{metrics}");
    Ok(())
}

#[tokio::test]
async fn a_host_that_drains_is_not_ready_and_ends_what_it_began() -> Result<()> {
    let server = start().await?;
    let mut stream = server.http().get(server.url("/stream")).send().await?;
    let first = stream.chunk().await?.context("no first piece")?;
    ensure!(first == "first ", "{first:?}");
    let running = scrape(&server).await?;
    let name = "gyre_sandboxes_running{component=\"told\"}";
    ensure!(sample(&running, name)? >= 1.0, "{running}");
    server.terminate()?;
    ensure!(server.logs("stopping").await, "{}", server.stderr());
    let (code, said) = status(&server, "/ready").await?;
    ensure!((code, said.trim()) == (503, "draining"), "{code} {said}");
    ensure!(status(&server, "/live").await?.0 == 200, "it lives");
    ensure!(stream.text().await? == "last", "the stream was cut");
    Ok(())
}

#[tokio::test]
async fn there_is_no_such_socket_unless_it_is_wanted() -> Result<()> {
    let server = Setup::app(APP)?.start().await?;
    ensure!(!server.stderr().contains("/metrics"), "{}", server.stderr());
    // The public socket gives the path to the application.
    let answer = server
        .http()
        .get(server.url("/alone/metrics"))
        .send()
        .await?
        .text()
        .await?;
    ensure!(answer.contains("\"fixture\":\"echo\""), "{answer}");
    Ok(())
}
