//! Agents that act: tools, whatever becomes of them, agents created at run time, citations that are checked.

use crate::doubles::{ordered, with_double, with_double_and_tool};
use crate::expect::{CHAT, ingest_isolation, list, problem, text};
use anyhow::{Context, Result, ensure};
use gyre_test_support::{Event, Server, Setup};
use serde_json::{Value, json};

const ASSISTANT: &str = "/api/v1/agents/assistant/chat";
const AGENTS: &str = "/api/v1/agents";

async fn events(server: &Server, path: &str, mut body: Value) -> Result<Vec<Event>> {
    body["stream"] = json!(true);
    server.stream(path, &body).await?.rest().await
}

fn one<'a>(events: &'a [Event], name: &str) -> Result<&'a Event> {
    events
        .iter()
        .find(|event| event.name == name)
        .with_context(|| format!("no {name} in {events:?}"))
}

#[tokio::test]
async fn an_agent_calls_tools_and_shows_calls_and_results() -> Result<()> {
    let server = with_double()?.start().await?;
    let order = r#"double: call calculate {"expression":"6*7"}"#;
    let told = events(&server, ASSISTANT, ordered(order)).await?;
    let call = one(&told, "tool.call")?.json()?;
    ensure!(
        call["name"] == "calculate" && call["arguments"]["expression"] == "6*7",
        "{call}"
    );
    let result = one(&told, "tool.result")?.json()?;
    ensure!(
        result["is_error"] == false && result["id"] == call["id"],
        "{result}"
    );
    ensure!(text(&result, "/content")?.contains("42"), "{result}");
    let said: String = told
        .iter()
        .filter(|event| event.name == "text.delta")
        .map(|event| {
            event
                .json()
                .map(|json| json["text"].as_str().unwrap_or_default().to_owned())
        })
        .collect::<Result<_>>()?;
    ensure!(
        said.contains("the tool calculate said:") && said.contains("42"),
        "{said}"
    );
    let done = one(&told, "done")?.json()?;
    ensure!(
        done["model"] == "double" && done["finish_reason"] == "stop",
        "{done}"
    );

    let told = events(&server, ASSISTANT, ordered("double: call now {}")).await?;
    let result = one(&told, "tool.result")?.json()?;
    ensure!(text(&result, "/content")?.contains("UTC"), "{result}");
    Ok(())
}

#[tokio::test]
async fn a_tool_that_fails_hangs_or_lies_ends_no_run() -> Result<()> {
    let server = with_double_and_tool()?.start().await?;
    let persona = json!({
        "id": "tester", "description": "tests", "system": "", "knowledge": false,
        "tools": ["double"], "tool_timeout_ms": 700,
    });
    let (status, created) = server.post(AGENTS, &persona).await?;
    ensure!(status == 201, "{status}: {created}");
    let chat = format!("{AGENTS}/tester/chat");
    for (tool, is_error, said) in [
        ("echo", false, "double"),
        ("fail", true, "double"),
        ("hang", true, "did not answer within 700 ms"),
        ("junk", true, "junk"),
        ("big", true, ""),
        ("dance", true, "there is no tool `dance`"),
    ] {
        let told = events(&server, &chat, ordered(&format!("double: call {tool} {{}}"))).await?;
        let result = one(&told, "tool.result")?.json()?;
        ensure!(result["is_error"] == is_error, "{tool}: {result}");
        ensure!(text(&result, "/content")?.contains(said), "{tool}: {result}");
        one(&told, "done").with_context(|| tool.to_owned())?;
    }
    Ok(())
}

#[tokio::test]
async fn agents_are_created_listed_asked_and_deleted() -> Result<()> {
    let mut server = with_double()?.start().await?;
    let persona = json!({
        "id": "abacus", "description": "calculates", "system": "be brief", "knowledge": false,
        "tools": ["calculator"],
    });
    let (status, created) = server.post(AGENTS, &persona).await?;
    ensure!(status == 201 && created["id"] == "abacus", "{status}: {created}");
    let (status, again) = server.post(AGENTS, &persona).await?;
    ensure!(status == 409, "{status}: {again}");
    server.restart().await?;
    let (_, agents) = server.get(AGENTS).await?;
    let ids: Vec<&str> = list(&agents, "/agents")?
        .iter()
        .filter_map(|agent| agent["id"].as_str())
        .collect();
    ensure!(ids == ["researcher", "assistant", "abacus"], "{ids:?}");
    let (status, shown) = server.get(&format!("{AGENTS}/abacus")).await?;
    ensure!(
        status == 200 && shown["persona"]["system"] == "be brief",
        "{shown}"
    );
    let order = ordered(r#"double: call calculate {"expression":"1+1"}"#);
    let (status, answer) = server.post(&format!("{AGENTS}/abacus/chat"), &order).await?;
    ensure!(status == 200 && answer["agent"] == "abacus", "{status}: {answer}");
    ensure!(text(&answer, "/output")?.contains('2'), "{answer}");
    ensure!(
        server.delete(&format!("{AGENTS}/abacus")).await? == 204,
        "not deleted"
    );
    ensure!(
        server.delete(&format!("{AGENTS}/abacus")).await? == 404,
        "deleted twice"
    );
    ensure!(
        server.delete(&format!("{AGENTS}/researcher")).await? == 409,
        "built in"
    );
    for (change, said) in [
        (json!({"tools": ["dance"]}), "dance"),
        (json!({"id": "Bad Name"}), "name"),
        (json!({"max_steps": 99}), "max_steps"),
        (json!({"wish": 1}), "wish"),
    ] {
        let mut wrong = persona.clone();
        for (key, value) in change.as_object().into_iter().flatten() {
            wrong[key] = value.clone();
        }
        let (status, refused) = server.post(AGENTS, &wrong).await?;
        ensure!(
            (400..=422).contains(&status) && refused.to_string().contains(said),
            "{change}: {refused}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn marks_that_their_passages_do_not_support_are_removed_and_counted() -> Result<()> {
    let server = with_double()?.start().await?;
    ingest_isolation(&server).await?;
    let order = "Gyre isolates each agent in a sandbox [1]. Bees dance at noon [1]. Stars shine [9].";
    let (status, answer) = server.post(CHAT, &ordered(order)).await?;
    ensure!(status == 200, "{status}: {answer}");
    ensure!(answer["citations_removed"] == 2, "{answer}");
    ensure!(
        text(&answer, "/output")?.ends_with("sandbox [1]. Bees dance at noon. Stars shine."),
        "{answer}"
    );
    let citations = list(&answer, "/citations")?;
    ensure!(citations.len() == 1 && citations[0]["mark"] == 1, "{answer}");
    Ok(())
}

#[tokio::test]
async fn an_agent_with_tools_says_that_it_needs_a_chat_model() -> Result<()> {
    let server = Setup::new()?.start().await?;
    let told = events(&server, ASSISTANT, json!({"input": "What is 6*7?"})).await?;
    let error = one(&told, "error")?.json()?;
    ensure!(error["kind"] == "model-cannot", "{error}");
    ensure!(text(&error, "/hint")?.contains("gyre up --model"), "{error}");
    let (status, refused) = server.post(ASSISTANT, &json!({"input": "hi"})).await?;
    problem(&refused, status, "gyre up --model")
}
