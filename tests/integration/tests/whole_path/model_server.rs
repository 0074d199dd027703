//! Two processes: `gyre serve-model` has the models, an application without an engine calls it through inference-http.

use crate::expect::{COMPLETIONS, delta, ingest_isolation, is_done, list, model_error};
use crate::token_path::{ask, granted};
use anyhow::{Context, Result, ensure};
use gyre_test_support::{Server, Setup};
use serde_json::json;

/// `gyre serve-model` with tiny models of random weights.
pub(crate) async fn model_server() -> Result<Server> {
    let both = "\"tiny-llama\", \"tiny-bert\"";
    let setup = granted("tiny-llama")?
        .replace("\"tiny-llama\"", both)?
        .serve_model();
    gyre_gguf::tiny::random_llama(7, &setup.model("tiny-llama"))?;
    gyre_gguf::tiny::random_bert(3, &setup.model("tiny-bert"))?;
    setup.start().await
}

/// The application as stock Spin sees it: profile gyre is not chosen, so model-local has leaf inference-http.
pub(crate) async fn application(models: &Server) -> Result<Server> {
    Setup::new()?
        .replace(
            "[component.model-local.profile.gyre.dependencies]",
            "[component.model-local.profile.other.dependencies]",
        )?
        .variable("model_server", &format!("http://{}", models.address()))
        .variable("embedding_model", "tiny-bert")
        .start()
        .await
}

async fn said(server: &Server) -> Result<String> {
    let events = server
        .stream(COMPLETIONS, &ask("tell me", 40))
        .await?
        .rest()
        .await?;
    ensure!(is_done(&events), "no end: {:?}", events.last());
    let tokens: Vec<_> = events.iter().filter_map(delta).collect();
    // The engine is 32 tokens ahead of its reader at most, which on a fast machine come in one delta.
    ensure!(tokens.len() > 1, "not streamed: {tokens:?}");
    Ok(tokens.concat())
}

#[tokio::test]
async fn what_is_asked_through_it_equals_what_it_says_itself() -> Result<()> {
    let models = model_server().await?;
    let application = application(&models).await?;
    let (direct, through) = (said(&models).await?, said(&application).await?);
    ensure!(
        direct == through,
        "{direct:?} directly, {through:?} through the application"
    );
    let body = json!({"model": "tiny-bert", "input": ["kettles whistle", "a teapot waits"]});
    let (_, direct) = models.post("/v1/embeddings", &body).await?;
    let (_, through) = application.post("/v1/embeddings", &body).await?;
    ensure!(
        list(&direct, "/data")?.len() == 2 && direct == through,
        "{direct} and {through}"
    );

    let answer = ingest_isolation(&application).await?;
    ensure!(answer["retrieval"]["mode"] == "hybrid", "{answer}");
    let (status, answer) = application
        .post(COMPLETIONS, &ask(&"long ".repeat(2_000), 5))
        .await?;
    ensure!(
        status == 400 && answer["error"]["code"] == "context_length_exceeded",
        "{status}: {answer}"
    );
    model_error(&answer, "1024")
}

#[tokio::test]
async fn it_serves_the_models_and_nothing_else() -> Result<()> {
    let models = model_server().await?;
    let (_, listed) = models.get("/v1/models").await?;
    let names: Vec<_> = list(&listed, "/data")?
        .iter()
        .map(|it| it["id"].as_str())
        .collect();
    ensure!(
        names.contains(&Some("tiny-llama")) && !names.contains(&Some("gyre-extractive")),
        "{listed}"
    );
    let (status, answer) = models.get("/api/v1/agents").await?;
    ensure!(status == 404, "{status}: {answer}");
    model_error(&answer, "hint: ")?;
    // No gateway has looked at what comes here.
    let untyped = models
        .http()
        .post(models.url(COMPLETIONS))
        .body("{}")
        .send()
        .await?;
    ensure!(untyped.status() == 415, "{untyped:?}");
    let large = models
        .http()
        .post(models.url(COMPLETIONS))
        .header("content-type", "application/json");
    let large = large.body("x".repeat((4 << 20) + 1)).send().await?;
    ensure!(large.status() == 413, "{large:?}");
    let forged = models
        .http()
        .post(models.url(COMPLETIONS))
        .header("gyre-run", "nonsense");
    let forged = forged.json(&ask("x", 1)).send().await.context("no answer")?;
    ensure!(forged.status() == 400, "{forged:?}");
    said(&models).await.map(drop)
}
