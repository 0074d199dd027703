//! How tokens are chosen, from OpenAI's JSON to the engine and back, with a tiny llama of random weights.

use crate::expect::{COMPLETIONS, delta, is_done, list, model_error, text};
use crate::model_server::model_server;
use crate::token_path::ask;
use anyhow::{Context, Result, ensure};
use gyre_test_support::Server;
use serde_json::{Value, json};

async fn whole(server: &Server, more: Value) -> Result<(u16, Value)> {
    let mut body = ask("tell me", 12);
    body["stream"] = json!(false);
    body["temperature"] = json!(0);
    for (name, value) in more.as_object().context("an object")? {
        body[name] = value.clone();
    }
    server.post(COMPLETIONS, &body).await
}

#[tokio::test]
async fn likelihoods_and_biases_go_the_whole_way() -> Result<()> {
    let server = model_server().await?;
    let (status, plain) = whole(&server, json!({ "logprobs": true, "top_logprobs": 2 })).await?;
    ensure!(status == 200, "{status}: {plain}");
    let told = list(&plain, "/choices/0/logprobs/content")?.clone();
    ensure!(told.len() == 12, "{plain}");
    let spelled: String = told.iter().filter_map(|it| it["token"].as_str()).collect();
    ensure!(spelled == text(&plain, "/choices/0/message/content")?, "{plain}");
    let likely = |it: &Value| {
        let top = it["top_logprobs"].as_array().map_or(0, Vec::len);
        top == 2 && it["top_logprobs"][0]["bytes"] == it["bytes"] && it["logprob"].as_f64() < Some(0.0)
    };
    ensure!(told.iter().all(likely), "{plain}");

    let mut body = ask("tell me", 12);
    body["temperature"] = json!(0);
    body["logprobs"] = json!(true);
    let events = server.stream(COMPLETIONS, &body).await?.rest().await?;
    ensure!(is_done(&events), "no end: {:?}", events.last());
    let streamed = events.iter().filter_map(|event| event.json().ok());
    let streamed: usize = streamed
        .filter_map(|chunk| {
            chunk
                .pointer("/choices/0/logprobs/content")?
                .as_array()
                .map(Vec::len)
        })
        .sum();
    ensure!(streamed == 12, "{streamed} of 12: {events:?}");
    ensure!(
        events.iter().filter_map(delta).collect::<String>() == spelled,
        "{events:?}"
    );

    let (status, biased) = whole(&server, json!({ "logit_bias": { "Q": 100 } })).await?;
    ensure!(
        status == 200 && text(&biased, "/choices/0/message/content")? == "Q".repeat(12),
        "{biased}"
    );
    let penalties =
        json!({ "frequency_penalty": 1, "presence_penalty": 1, "min_p": 0.1, "seed": 3, "temperature": 1 });
    let (status, answer) = whole(&server, penalties).await?;
    ensure!(status == 200, "{status}: {answer}");
    let (status, answer) = whole(&server, json!({ "logit_bias": { "999999": 1 } })).await?;
    ensure!(status == 400, "{status}: {answer}");
    model_error(&answer, "999999")
}

#[tokio::test]
async fn a_schema_is_kept_to_or_refused() -> Result<()> {
    let server = model_server().await?;
    let format = |schema: Value| {
        json!({ "max_tokens": 200, "response_format": { "type": "json_schema",
            "json_schema": { "name": "answer", "schema": schema } } })
    };
    let kept = format(
        json!({ "type": "object", "required": ["colour"], "additionalProperties": false,
        "properties": { "colour": { "enum": ["red", "teal"] } } }),
    );
    let (status, answer) = whole(&server, kept).await?;
    ensure!(status == 200, "{status}: {answer}");
    let said: Value = serde_json::from_str(text(&answer, "/choices/0/message/content")?)?;
    ensure!(said["colour"] == "red" || said["colour"] == "teal", "{said}");
    let (status, answer) = whole(&server, format(json!({ "type": "array", "minItems": 1_000_000 }))).await?;
    ensure!(status == 400, "{status}: {answer}");
    model_error(&answer, "minItems")?;
    let (status, answer) = whole(&server, json!({})).await?;
    ensure!(status == 200, "the worker lives: {status}: {answer}");
    Ok(())
}
