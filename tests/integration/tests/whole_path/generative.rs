//! Agents over a real engine: a tiny llama of random weights says anything, and all the rest is as it would be.

use crate::doubles::with_double_and_tool;
use crate::expect::{COMPLETIONS, alive, is_done, text};
use crate::token_path::ask;
use anyhow::{Context, Result, ensure};
use gyre_test_support::{Event, Server};
use serde_json::{Value, json};

const MODEL: &str = "tiny-llama";
const AGENTS: &str = "/api/v1/agents";

async fn with_llama() -> Result<Server> {
    let setup = with_double_and_tool()?;
    gyre_gguf::tiny::random_llama(7, &setup.model(MODEL))?;
    gyre_gguf::tiny::random_lora(11, "llama", &setup.model(&format!("{MODEL}.poet.lora")))?;
    setup.option("--model", MODEL).start().await
}

async fn create(server: &Server, id: &str, rest: Value) -> Result<()> {
    let mut persona = json!({"id": id, "description": "says anything", "system": "", "knowledge": false});
    for (key, value) in rest.as_object().into_iter().flatten() {
        persona[key] = value.clone();
    }
    let (status, created) = server.post(AGENTS, &persona).await?;
    ensure!(status == 201, "{status}: {created}");
    Ok(())
}

async fn chat(server: &Server, agent: &str, input: &str) -> Result<Vec<Event>> {
    let body = json!({"input": input, "stream": true});
    let path = format!("{AGENTS}/{agent}/chat");
    server.stream(&path, &body).await?.rest().await
}

fn said(events: &[Event]) -> Result<String> {
    let texts = events.iter().filter(|event| event.name == "text.delta");
    texts
        .map(|event| Ok(text(&event.json()?, "/text")?.to_owned()))
        .collect()
}

#[tokio::test]
async fn the_whole_loop_runs_on_random_weights() -> Result<()> {
    let server = with_llama().await?;
    let persona =
        json!({"tools": ["double"], "tool_choice": "echo", "max_steps": 2, "max_tokens": 60, "seed": 3});
    create(&server, "parrot", persona).await?;
    let events = chat(&server, "parrot", "use your tool").await?;
    let names: Vec<&str> = events
        .iter()
        .map(|event| event.name.as_str())
        .filter(|name| *name != "text.delta")
        .collect();
    ensure!(
        names == ["run.started", "tool.call", "tool.result", "usage", "done"],
        "{events:?}"
    );
    let call = events[1].json()?;
    ensure!(call["name"] == "echo" && call["arguments"].is_object(), "{call}");
    let result = events[2].json()?;
    ensure!(
        result["is_error"] == false && result["id"] == call["id"],
        "{result}"
    );
    let done = events.last().context("no end")?.json()?;
    ensure!(done["model"] == MODEL, "{done}");
    ensure!(done["usage"]["completion_tokens"].as_u64() > Some(2), "{done}");
    Ok(())
}

#[tokio::test]
async fn two_agents_decode_together_and_say_what_they_say_alone() -> Result<()> {
    let server = with_llama().await?;
    for agent in ["left", "right"] {
        create(&server, agent, json!({"temperature": 0.0, "max_tokens": 400})).await?;
    }
    let alone = [
        said(&chat(&server, "left", "one").await?)?,
        said(&chat(&server, "right", "two").await?)?,
    ];
    let (left, right) = tokio::join!(chat(&server, "left", "one"), chat(&server, "right", "two"));
    let (left, right) = (left?, right?);
    ensure!(
        alone == [said(&left)?, said(&right)?],
        "what they say depends on who else speaks"
    );
    ensure!(alone[0] != alone[1], "{alone:?}");
    let first = |events: &[Event]| {
        events
            .iter()
            .find(|event| event.name == "text.delta")
            .map(|event| event.at)
    };
    let end = |events: &[Event]| events.last().map(|event| event.at);
    ensure!(
        first(&left) < end(&right) && first(&right) < end(&left),
        "one waited for the other"
    );
    Ok(())
}

#[tokio::test]
async fn an_agent_speaks_through_its_adapter() -> Result<()> {
    let server = with_llama().await?;
    let mut answers = Vec::new();
    for (id, adapter) in [("plain", Value::Null), ("poet", json!("poet"))] {
        let persona = json!({"adapter": adapter, "temperature": 0, "max_tokens": 40});
        create(&server, id, persona).await?;
        let events = chat(&server, id, "speak").await?;
        ensure!(events.last().is_some_and(|it| it.name == "done"), "{events:?}");
        answers.push(said(&events)?);
    }
    ensure!(answers[0] != answers[1], "{answers:?}");
    create(&server, "bard", json!({"adapter": "bard"})).await?;
    let events = chat(&server, "bard", "speak").await?;
    let error = events.last().context("no end")?.json()?;
    ensure!(error["kind"] == "adapter-not-found", "{error}");
    ensure!(text(&error, "/message")?.contains("poet"), "{error}");
    ensure!(text(&error, "/hint")?.contains("bard.lora.gguf"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_question_too_long_for_the_model_is_told_with_the_cure() -> Result<()> {
    let server = with_llama().await?;
    create(&server, "parrot", json!({})).await?;
    let events = chat(&server, "parrot", &"word ".repeat(20_000)).await?;
    let error = events.last().context("no end")?.json()?;
    ensure!(error["kind"] == "context-too-long", "{error}");
    ensure!(text(&error, "/message")?.contains("tokens"), "{error}");
    ensure!(text(&error, "/hint")?.contains("briefly"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_client_that_stops_reading_holds_up_nobody() -> Result<()> {
    let server = with_llama().await?;
    let mut idle = server.stream(COMPLETIONS, &ask("a long story", 900)).await?;
    ensure!(idle.next().await?.is_some(), "no event");
    let other = server
        .stream(COMPLETIONS, &ask("short", 30))
        .await?
        .rest()
        .await?;
    ensure!(is_done(&other), "{other:?}");
    drop(idle);
    alive(&server).await
}
