//! Memory and journal: what was said survives a restart, and every run can be looked at afterwards.

use crate::doubles::{ordered, with_double};
use crate::expect::{CHAT, ingest_isolation, list, problem, text};
use anyhow::{Context, Result, ensure};
use gyre_test_support::Server;
use serde_json::{Value, json};

const ASSISTANT: &str = "/api/v1/agents/assistant/chat";

async fn said(server: &Server, input: &str, session: &str) -> Result<Value> {
    let mut body = ordered(input);
    body["session"] = json!(session);
    let (status, answer) = server.post(ASSISTANT, &body).await?;
    ensure!(
        status == 200 && answer["session"] == session,
        "{status}: {answer}"
    );
    Ok(answer)
}

fn prompt_tokens(answer: &Value) -> Result<u64> {
    answer["usage"]["prompt_tokens"].as_u64().context("no usage")
}

#[tokio::test]
async fn a_conversation_survives_a_restart() -> Result<()> {
    let mut server = with_double()?.start().await?;
    let first = said(&server, "one two three", "talk").await?;
    server.restart().await?;
    let second = said(&server, "one two three", "talk").await?;
    // The double counts the words it is given: the second time it is given the first turn too.
    ensure!(
        prompt_tokens(&second)? > prompt_tokens(&first)? + 5,
        "{first} {second}"
    );
    let other = said(&server, "one two three", "another").await?;
    ensure!(prompt_tokens(&other)? == prompt_tokens(&first)?, "{other}");

    let (status, session) = server.get("/api/v1/sessions/talk").await?;
    ensure!(status == 200, "{status}: {session}");
    let messages = list(&session, "/messages")?;
    let roles: Vec<&str> = messages
        .iter()
        .filter_map(|message| message["role"].as_str())
        .collect();
    ensure!(roles == ["user", "assistant", "user", "assistant"], "{session}");
    ensure!(messages[0]["content"] == "one two three", "{session}");
    let (_, sessions) = server.get("/api/v1/sessions").await?;
    ensure!(list(&sessions, "/sessions")?.len() == 2, "{sessions}");

    ensure!(
        server.delete("/api/v1/sessions/talk").await? == 204,
        "not deleted"
    );
    let (status, gone) = server.get("/api/v1/sessions/talk").await?;
    problem(&gone, status, "session")?;
    ensure!(status == 404, "{status}: {gone}");
    Ok(())
}

#[tokio::test]
async fn turns_of_one_session_at_once_are_all_kept() -> Result<()> {
    let server = with_double()?.start().await?;
    let turns = (0..6).map(|turn| format!("turn {turn}")).collect::<Vec<_>>();
    let all = turns.iter().map(|turn| said(&server, turn, "busy"));
    for answer in futures::future::join_all(all).await {
        answer?;
    }
    let (_, session) = server.get("/api/v1/sessions/busy").await?;
    let mut asked: Vec<&str> = list(&session, "/messages")?
        .iter()
        .filter(|message| message["role"] == "user")
        .filter_map(|message| message["content"].as_str())
        .collect();
    asked.sort_unstable();
    ensure!(asked == turns, "{session}");
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_a_session_is_refused() -> Result<()> {
    let server = with_double()?.start().await?;
    let persona = json!({"id": "goldfish", "description": "forgets", "system": "", "knowledge": false});
    let (status, created) = server.post("/api/v1/agents", &persona).await?;
    ensure!(status == 201, "{created}");
    let mut body = ordered("hi");
    body["session"] = json!("talk");
    let (status, refused) = server.post("/api/v1/agents/goldfish/chat", &body).await?;
    ensure!(status == 422, "{status}: {refused}");
    problem(&refused, status, "memory")?;
    body["session"] = json!("../other");
    let (status, refused) = server.post(ASSISTANT, &body).await?;
    ensure!(status == 422, "{status}: {refused}");
    problem(&refused, status, "session")
}

#[tokio::test]
async fn every_run_is_in_the_journal() -> Result<()> {
    let server = with_double()?.start().await?;
    ingest_isolation(&server).await?;
    let order = r#"double: call calculate {"expression":"2+3"}"#;
    let (_, answer) = server.post(ASSISTANT, &ordered(order)).await?;
    let id = text(&answer, "/id")?.to_owned();
    let (_, failed) = server.post(CHAT, &ordered("double: fail after 2 tokens")).await?;
    ensure!(failed["status"].as_u64() >= Some(500), "{failed}");

    let (status, runs) = server.get("/api/v1/runs").await?;
    ensure!(status == 200, "{status}: {runs}");
    let listed = list(&runs, "/runs")?;
    let states: Vec<(&str, &str)> = listed
        .iter()
        .filter_map(|run| Some((run["agent"].as_str()?, run["status"].as_str()?)))
        .collect();
    ensure!(
        states == [("researcher", "failed"), ("assistant", "done")],
        "{runs}"
    );

    let (status, run) = server.get(&format!("/api/v1/runs/{id}")).await?;
    ensure!(status == 200 && run["status"] == "done", "{status}: {run}");
    let events = list(&run, "/events")?;
    let kinds: Vec<&str> = events.iter().filter_map(|event| event["kind"].as_str()).collect();
    ensure!(
        kinds.first() == Some(&"run.asked") && kinds.last() == Some(&"done"),
        "{kinds:?}"
    );
    ensure!(
        kinds.contains(&"tool.call") && kinds.contains(&"tool.result"),
        "{kinds:?}"
    );
    let journalled: String = events
        .iter()
        .filter(|event| event["kind"] == "text.delta")
        .filter_map(|event| event["body"]["text"].as_str())
        .collect();
    ensure!(
        journalled == text(&answer, "/output")?,
        "{journalled} is not {answer}"
    );
    let sequences: Vec<u64> = events
        .iter()
        .filter_map(|event| event["sequence"].as_u64())
        .collect();
    ensure!(
        sequences.iter().copied().eq(1..=sequences.len() as u64),
        "{sequences:?}"
    );
    let (status, unknown) = server
        .get("/api/v1/runs/00000000-0000-7000-8000-000000000000")
        .await?;
    problem(&unknown, status, "run")
}
