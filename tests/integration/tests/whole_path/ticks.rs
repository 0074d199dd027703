//! Ticks: in their rhythm, never two at once, failures told and counted.

use crate::metrics::{at_least, sample};
use anyhow::{Result, ensure};
use gyre_test_support::Setup;
use serde_json::json;
use std::time::{Duration, Instant};

const APP: &str = r#"
spin_manifest_version = 2
[application]
name = "ticking"
[[trigger.http]]
component = "ticker"
route = "/..."
[component.ticker]
source = "{guests}/fixture_telemetry.wasm"
environment = { TICK_MS = "400" }
[component.ticker.tool.gyre]
tick_ms = 150
"#;

const JOURNAL: &str = r#"
spin_manifest_version = 2
[application]
name = "journal"
[[trigger.http]]
component = "runs"
route = "/..."
[component.runs]
source = "{guests}/runs.wasm"
sqlite_databases = ["default"]
variables = { runs_max = "100" }
[component.runs.tool.gyre]
tick_ms = 200
[component.runs.dependencies]
"gyre:ledger" = { path = "{guests}/ledger_sqlite.wasm", inherit_configuration = ["sqlite_databases"] }
"#;

const OK: &str = "gyre_ticks_total{component=\"ticker\",outcome=\"ok\"}";
const FAILED: &str = "gyre_ticks_total{component=\"ticker\",outcome=\"failed\"}";

#[tokio::test]
async fn a_component_is_ticked_never_twice_at_once_until_the_host_drains() -> Result<()> {
    let server = Setup::app(APP)?.option("--admin", "127.0.0.1:0").start().await?;
    let metrics = at_least(&server, OK, 3.0).await?;
    ensure!(sample(&metrics, FAILED)? < 1.0, "{metrics}");
    server.terminate()?;
    ensure!(server.logs("gyre: stopped").await, "{}", server.stderr());
    let told = server.stderr();
    let told: Vec<&str> = told
        .lines()
        .filter_map(|line| line.split_once("fixture-telemetry: a tick "))
        .filter_map(|(_, what)| what.split_whitespace().next())
        .collect();
    ensure!(told.len() >= 6, "{told:?}");
    for pair in told.chunks(2) {
        ensure!(pair == ["begins", "ends"], "{told:?}");
    }
    Ok(())
}

#[tokio::test]
async fn ticks_that_fail_are_told_counted_and_become_rarer() -> Result<()> {
    let fails = "environment = { TICK_FAILS = \"1\" }";
    let setup = Setup::app(APP)?.replace("environment = { TICK_MS = \"400\" }", fails)?;
    let started = Instant::now();
    let server = setup.option("--admin", "127.0.0.1:0").start().await?;
    let metrics = at_least(&server, FAILED, 4.0).await?;
    // 150 ms, then 300, 600 and 1,200 after a failure each.
    ensure!(started.elapsed() >= Duration::from_millis(2_250), "too soon");
    ensure!(sample(&metrics, OK)? < 1.0, "{metrics}");
    ensure!(
        server.logs("a tick failed: it answered 503").await,
        "{}",
        server.stderr()
    );
    let answer = server
        .http()
        .get(server.url("/stream"))
        .send()
        .await?
        .text()
        .await?;
    ensure!(
        answer == "first last",
        "a component whose ticks fail does not answer: {answer}"
    );
    Ok(())
}

#[tokio::test]
async fn runs_keeps_its_retention_by_ticks() -> Result<()> {
    let mut server = Setup::app(JOURNAL)?.start().await?;
    for run in 0..5 {
        let asked = json!({"agent": "a", "input": "q", "deadline_ms": 1});
        let body = json!({"events": [{"kind": "run.asked", "body": asked}]});
        let (status, answer) = server.post(&format!("/runs/r{run}/events"), &body).await?;
        ensure!(status == 200, "{answer}");
    }
    let text = std::fs::read_to_string(server.setup.manifest())?;
    let fewer = text.replace("runs_max = \"100\"", "runs_max = \"2\"");
    std::fs::write(server.setup.manifest(), fewer)?;
    server.restart().await?;
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let (_, answer) = server.get("/runs").await?;
        let runs = answer["runs"].as_array().map_or(0, Vec::len);
        if runs == 2 {
            break;
        }
        ensure!(Instant::now() < until, "{runs} runs are left: {answer}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let (status, done) = server.post("/tick", &json!({})).await?;
    ensure!(
        status == 200 && done == json!({"closed": 0, "removed": 0}),
        "not idempotent: {done}"
    );
    Ok(())
}
