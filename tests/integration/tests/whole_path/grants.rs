//! What is not granted is denied, and says which line of the manifest would grant it.

use crate::expect::{CHAT, ingest_isolation, problem, text};
use anyhow::{Context, Result, ensure};
use gyre_test_support::Setup;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn an_agent_reaches_only_the_services_it_is_granted() -> Result<()> {
    let knowledge = "    \"http://retrieval.spin.internal\", # its knowledge\n";
    let server = Setup::new()?.replace(knowledge, "")?.start().await?;
    let (status, answer) = server.post(CHAT, &json!({"input": "Is anybody there?"})).await?;
    ensure!(status >= 500, "{status}: {answer}");
    ensure!(!text(&answer, "/hint")?.is_empty(), "{answer}");
    let line =
        "add \"http://retrieval.spin.internal\" to allowed_outbound_hosts of [component.agent-researcher]";
    ensure!(server.logs(line).await, "no cure in the log: {}", server.stderr());
    Ok(())
}

#[tokio::test]
async fn services_that_call_each_other_in_a_circle_are_stopped() -> Result<()> {
    let server = Setup::new()?
        .replace(
            "backends = \"model-extractive,model-local,model-remote\"",
            "backends = \"router\"",
        )?
        .replace(
            "\"http://model-local.spin.internal\",",
            "\"http://router.spin.internal\",",
        )?
        .start()
        .await?;
    let answer = tokio::time::timeout(Duration::from_secs(30), server.get("/v1/models")).await;
    ensure!(answer.is_ok(), "the circle goes on");
    ensure!(
        server.logs("call each other in a circle").await,
        "{}",
        server.stderr()
    );
    let (status, _) = server.get("/api/v1/agents").await?;
    ensure!(status == 200, "{status}");
    Ok(())
}

#[tokio::test]
async fn a_component_opens_only_the_stores_it_is_granted() -> Result<()> {
    let grant = "key_value_stores = [\"default\"]";
    let server = Setup::new()?.replace(grant, "")?.start().await?;
    let persona = json!({"id": "helper", "description": "helps", "system": "", "knowledge": false});
    let (status, refused) = server.post("/api/v1/agents", &persona).await?;
    problem(&refused, status, grant)?;
    ensure!(status == 503, "{status}: {refused}");
    // The manifest's own agents need no store.
    let (status, agent) = server.get("/api/v1/agents/researcher").await?;
    ensure!(status == 200, "{status}: {agent}");
    Ok(())
}

#[tokio::test]
async fn no_run_goes_without_its_journal() -> Result<()> {
    let host = "    \"http://runs.spin.internal\",";
    let server = Setup::new()?.replace(host, "    #")?.start().await?;
    let (status, refused) = server.post(CHAT, &json!({"input": "Is anybody there?"})).await?;
    problem(&refused, status, "journal")?;
    ensure!(status == 503, "{status}: {refused}");
    ensure!(
        text(&refused, "/type")?.ends_with(":journal-unavailable"),
        "{refused}"
    );
    let (_, health) = server.get("/health").await?;
    ensure!(
        health["status"] == "degraded" && health["checks"]["runs"]["status"] == "degraded",
        "{health}"
    );
    Ok(())
}

#[tokio::test]
async fn an_end_that_cannot_be_journalled_is_no_success() -> Result<()> {
    // Room for the question, and not for the passages and the answer.
    let limits = "[component.runs.tool.gyre]\n";
    let small = format!("{limits}request_bytes_max = 400\n");
    let server = Setup::new()?.replace(limits, &small)?.start().await?;
    ingest_isolation(&server).await?;
    let body = json!({"input": "How does Gyre isolate an agent?", "stream": true});
    let events = server.stream(CHAT, &body).await?.rest().await?;
    ensure!(events.iter().all(|event| event.name != "done"), "{events:?}");
    let end = events.last().context("no events")?;
    ensure!(
        end.name == "error" && end.json()?["kind"] == "journal-unavailable",
        "{end:?}"
    );
    let body = json!({"input": "How does Gyre isolate an agent?"});
    let (status, refused) = server.post(CHAT, &body).await?;
    problem(&refused, status, "journal")?;
    ensure!(status == 503, "{status}: {refused}");
    Ok(())
}
