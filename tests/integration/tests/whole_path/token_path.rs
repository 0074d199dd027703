//! The token path: gateway, router, model-local, inference-nn, wasi:nn, the engine worker; a tiny llama of random
//! weights is real to all of them.

use crate::expect::{COMPLETIONS, alive, delta, is_done, list, model_error, prompt, text};
use anyhow::{Context, Result, ensure};
use gyre_test_support::{Event, Server, Setup};
use serde_json::{Value, json};
use std::time::Duration;

/// More than a test waits for: whoever sees all of them did not hang up.
const TOKENS: u32 = 200;

/// Tokens that the engine may be ahead of its reader: on a fast machine so many come in one delta.
const AHEAD: u32 = 32;

async fn with_llama() -> Result<Server> {
    let setup = granted("tiny-llama")?;
    gyre_gguf::tiny::random_llama(7, &setup.model("tiny-llama"))?;
    setup.start().await
}

/// The repository's application with one more model for model-local.
pub(crate) fn granted(model: &str) -> Result<Setup> {
    let models = "ai_models = [\"all-minilm-l6-v2\"";
    Setup::new()?.replace(models, &format!("{models}, \"{model}\""))
}

pub(crate) fn ask(content: &str, tokens: u32) -> Value {
    let mut body = prompt("tiny-llama", content);
    body["max_tokens"] = json!(tokens);
    body
}

async fn said(server: &Server, body: &Value) -> Result<String> {
    let events = server.stream(COMPLETIONS, body).await?.rest().await?;
    ensure!(is_done(&events), "no end: {:?}", events.last());
    Ok(joined(&events))
}

fn joined(events: &[Event]) -> String {
    events.iter().filter_map(delta).collect()
}

#[tokio::test]
async fn tokens_come_as_they_are_made() -> Result<()> {
    let server = with_llama().await?;
    // The first call loads the model.
    said(&server, &ask("warm up", 2)).await?;
    let events = server
        .stream(COMPLETIONS, &ask("tell me", TOKENS))
        .await?
        .rest()
        .await?;
    ensure!(is_done(&events), "no end: {:?}", events.last());
    let tokens: Vec<_> = events.iter().filter(|event| delta(event).is_some()).collect();
    ensure!(
        tokens.len() >= (TOKENS / AHEAD) as usize,
        "{} deltas of {TOKENS} tokens",
        tokens.len()
    );
    ensure!(tokens[0].at < tokens[tokens.len() - 1].at, "they came together");
    let last = events[events.len() - 2].json()?;
    ensure!(
        events
            .iter()
            .any(|event| event.data.contains("\"finish_reason\":\"length\"")),
        "{last}"
    );
    for event in &events[..events.len() - 1] {
        ensure!(event.json()?["model"] == "tiny-llama", "{event:?}");
    }
    Ok(())
}

#[tokio::test]
async fn streams_at_once_say_what_they_say_alone() -> Result<()> {
    let server = with_llama().await?;
    let (one, two) = (
        ask("first question", 60),
        ask("another, longer question about something", 60),
    );
    let alone = (said(&server, &one).await?, said(&server, &two).await?);
    ensure!(!alone.0.is_empty() && alone.0 != alone.1, "{alone:?}");
    let together = tokio::try_join!(said(&server, &one), said(&server, &two))?;
    ensure!(together == alone, "{together:?} together, {alone:?} alone");
    let mut whole = one.clone();
    whole["stream"] = json!(false);
    let (status, answer) = server.post(COMPLETIONS, &whole).await?;
    ensure!(
        status == 200 && text(&answer, "/choices/0/message/content")? == alone.0,
        "{answer}"
    );
    ensure!(answer["usage"]["completion_tokens"] == 60, "{answer}");
    Ok(())
}

#[tokio::test]
async fn hanging_up_frees_the_sequence() -> Result<()> {
    let server = with_llama().await?;
    let question = ask("who is there", 20);
    let expected = said(&server, &question).await?;
    // More than the engine takes at once, were they not freed.
    for _ in 0..6 {
        let mut leaving = Vec::new();
        for _ in 0..4 {
            let mut events = server.stream(COMPLETIONS, &ask("a long story", 800)).await?;
            ensure!(events.next().await?.is_some(), "no event");
            leaving.push(events);
        }
    }
    let answered = tokio::time::timeout(Duration::from_secs(30), said(&server, &question));
    ensure!(
        answered.await.context("the sequences are still taken")?? == expected,
        "another answer"
    );
    alive(&server).await
}

#[tokio::test]
async fn models_are_listed_and_unknown_ones_named() -> Result<()> {
    let server = with_llama().await?;
    let (_, models) = server.get("/v1/models").await?;
    let local = list(&models, "/data")?
        .iter()
        .find(|model| model["id"] == "tiny-llama")
        .context("not listed")?;
    ensure!(local["owned_by"] == "model-local", "{local}");
    let mut body = ask("x", 1);
    body["model"] = json!("tiny-lama");
    let (status, answer) = server.post(COMPLETIONS, &body).await?;
    ensure!(status == 404, "{status}: {answer}");
    model_error(&answer, "tiny-llama")
}

#[tokio::test]
async fn more_than_the_context_holds_is_told() -> Result<()> {
    let server = with_llama().await?;
    let (status, answer) = server.post(COMPLETIONS, &ask(&"long ".repeat(2_000), 5)).await?;
    ensure!(
        status == 400 || status == 413 || status == 422,
        "{status}: {answer}"
    );
    model_error(&answer, "1024")?;
    said(&server, &ask("short", 5)).await?;
    Ok(())
}

#[tokio::test]
async fn a_model_that_is_not_granted_does_not_exist() -> Result<()> {
    let setup = Setup::new()?;
    gyre_gguf::tiny::random_llama(7, &setup.model("tiny-llama"))?;
    let server = setup.start().await?;
    let (_, models) = server.get("/v1/models").await?;
    ensure!(!models.to_string().contains("tiny-llama"), "{models}");
    let (status, answer) = server.post(COMPLETIONS, &ask("x", 1)).await?;
    ensure!(status == 404, "{status}: {answer}");
    model_error(&answer, "ai_models")
}

#[tokio::test]
async fn a_truncated_model_file_is_told_and_others_answer() -> Result<()> {
    let setup = granted("tiny-llama")?.replace("\"tiny-llama\"", "\"tiny-llama\", \"cut\"")?;
    gyre_gguf::tiny::random_llama(7, &setup.model("tiny-llama"))?;
    let bytes = std::fs::read(setup.model("tiny-llama"))?;
    std::fs::write(setup.model("cut"), &bytes[..bytes.len() / 2])?;
    let server = setup.start().await?;
    let mut body = ask("x", 1);
    body["model"] = json!("cut");
    body["stream"] = json!(false);
    let (status, answer) = server.post(COMPLETIONS, &body).await?;
    ensure!(status >= 400, "{status}: {answer}");
    model_error(&answer, "cut.gguf")?;
    ensure!(
        text(&answer, "/error/message")?.contains("hint: "),
        "no cure: {answer}"
    );
    said(&server, &ask("still there?", 5)).await?;
    alive(&server).await
}

#[tokio::test]
async fn a_required_call_of_a_tool_arrives_with_valid_arguments() -> Result<()> {
    let server = with_llama().await?;
    let mut body = ask("how is the weather?", 300);
    body["tool_choice"] = json!("required");
    body["tools"] = json!([{ "type": "function", "function": { "name": "weather", "description": "Tells it.",
        "parameters": { "type": "object", "required": ["city"], "additionalProperties": false,
            "properties": { "city": { "enum": ["Bonn", "Oslo"] } } } } }]);
    let valid = |arguments: &str| {
        let arguments: Value = serde_json::from_str(arguments)?;
        ensure!(
            arguments["city"] == "Bonn" || arguments["city"] == "Oslo",
            "{arguments}"
        );
        Ok(())
    };
    let events = server.stream(COMPLETIONS, &body).await?.rest().await?;
    ensure!(is_done(&events) && joined(&events).is_empty(), "{events:?}");
    let mut arguments = String::new();
    for event in &events[..events.len() - 1] {
        let part = event.json()?["choices"][0]["delta"]["tool_calls"][0].clone();
        arguments += part["function"]["arguments"].as_str().unwrap_or_default();
    }
    valid(&arguments)?;

    body["stream"] = json!(false);
    let (status, answer) = server.post(COMPLETIONS, &body).await?;
    ensure!(status == 200, "{status}: {answer}");
    ensure!(answer["choices"][0]["finish_reason"] == "tool_calls", "{answer}");
    let call = &answer["choices"][0]["message"]["tool_calls"][0];
    ensure!(text(call, "/function/name")? == "weather", "{answer}");
    valid(text(call, "/function/arguments")?)
}
