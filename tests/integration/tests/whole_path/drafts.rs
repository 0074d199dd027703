//! `gyre up --draft`: a small model writes ahead; what is answered is the same, in fewer steps.

use crate::expect::{self, COMPLETIONS, text};
use crate::metrics::{sample, scrape};
use anyhow::{Result, ensure};
use gyre_gguf::tiny;
use gyre_test_support::{Server, Setup, gyre, repository};
use serde_json::json;

const TOKENS: u64 = 40;

/// With `big`, its `twin`, and `marked`, which has another vocabulary.
fn setup() -> Result<Setup> {
    let setup = Setup::new()?
        .option("--model", "big")
        .option("--admin", "127.0.0.1:0");
    tiny::random_llama(7, &setup.model("big"))?;
    tiny::random_llama(7, &setup.model("twin"))?;
    tiny::random_llama_with_marks(7, tiny::CHAT_TEMPLATE, &["<x>"], &setup.model("marked"))?;
    Ok(setup)
}

/// What `big` answers, and in how many steps.
async fn answer(server: &Server) -> Result<(String, f64)> {
    let body = json!({"model": "big", "temperature": 0, "max_tokens": TOKENS,
        "messages": [{"role": "user", "content": "tell me"}]});
    let (status, answer) = server.post(COMPLETIONS, &body).await?;
    ensure!(status == 200, "{status}: {answer}");
    let said = text(&answer, "/choices/0/message/content")?.to_owned();
    let metrics = scrape(server).await?;
    Ok((said, sample(&metrics, "gyre_engine_steps_total{model=\"big\"}")?))
}

#[tokio::test]
async fn a_draft_writes_ahead_and_changes_nothing_else() -> Result<()> {
    let (alone, steps) = answer(&setup()?.start().await?).await?;
    ensure!(steps >= TOKENS as f64, "{steps} steps for {TOKENS} tokens");
    let server = setup()?.option("--draft", "big=twin").start().await?;
    ensure!(
        server
            .logs("big is loaded (llama); twin writes ahead for it")
            .await,
        "{}",
        server.stderr()
    );
    let (drafted, steps) = answer(&server).await?;
    ensure!(drafted == alone, "{drafted:?}, alone {alone:?}");
    ensure!(steps <= TOKENS as f64 / 2.0, "{steps} steps with a perfect draft");
    Ok(())
}

#[tokio::test]
async fn what_cannot_write_ahead_is_refused_with_the_cure() -> Result<()> {
    let setup = setup()?;
    for (draft, code, said) in [
        ("big=nobody", 69, "there is no model `nobody`"),
        ("large=twin", 2, "no --model gives (given: big)"),
        ("big=marked", 64, "its vocabulary has 266 tokens"),
    ] {
        let mut arguments = setup.arguments();
        arguments.extend(["--draft", draft].map(str::to_owned));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        expect::refused(&gyre(&repository()?, &arguments).await?, code, said)?;
    }
    Ok(())
}
