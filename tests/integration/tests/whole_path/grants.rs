//! What is not granted is denied, and says which line of the manifest would grant it.

use crate::expect::{CHAT, text};
use anyhow::{Result, ensure};
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
        server.stderr().contains("call each other in a circle"),
        "{}",
        server.stderr()
    );
    let (status, _) = server.get("/api/v1/agents").await?;
    ensure!(status == 200, "{status}");
    Ok(())
}
