//! Embeddings through wasi-nn, and the hybrid retrieval that they make.

use crate::expect::{alive, document, ingest_isolation, list, text};
use crate::token_path::granted;
use anyhow::{Context, Result, ensure};
use gyre_test_support::{Server, Setup};
use serde_json::{Value, json};
use std::path::PathBuf;

async fn with_bert() -> Result<Server> {
    let setup = granted("tiny-bert")?.variable("embedding_model", "tiny-bert");
    gyre_gguf::tiny::random_bert(3, &setup.model("tiny-bert"))?;
    setup.start().await
}

fn numbers(list: &[Value]) -> Vec<f32> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "they were f32 before they were JSON"
    )]
    list.iter()
        .filter_map(Value::as_f64)
        .map(|number| number as f32)
        .collect()
}

/// Base64 as the model API writes it, of little-endian f32.
fn decoded(base64: &str) -> Result<Vec<f32>> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0_u32);
    for byte in base64.trim_end_matches('=').bytes() {
        bits = (bits << 6) | u32::from(digit(byte).context("not base64")?);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff)?);
        }
    }
    let (chunks, rest) = bytes.as_chunks::<4>();
    ensure!(rest.is_empty(), "{} bytes", bytes.len());
    Ok(chunks.iter().map(|chunk| f32::from_le_bytes(*chunk)).collect())
}

#[tokio::test]
async fn both_encodings_agree() -> Result<()> {
    let server = with_bert().await?;
    let body = json!({"model": "tiny-bert", "input": ["kettles whistle", "a teapot waits"]});
    let (status, floats) = server.post("/v1/embeddings", &body).await?;
    ensure!(
        status == 200 && list(&floats, "/data")?.len() == 2,
        "{status}: {floats}"
    );
    let mut body = body;
    body["encoding_format"] = json!("base64");
    let (status, packed) = server.post("/v1/embeddings", &body).await?;
    ensure!(status == 200, "{status}: {packed}");
    for index in ["/data/0/embedding", "/data/1/embedding"] {
        let vector = numbers(list(&floats, index)?);
        ensure!(
            vector.len() == 64 && vector == decoded(text(&packed, index)?)?,
            "{index} differs"
        );
        let length: f32 = vector.iter().map(|number| number * number).sum();
        ensure!((length - 1.0).abs() < 1e-3, "not normal: {length}");
    }
    ensure!(
        floats["model"] == "tiny-bert" && floats["usage"]["prompt_tokens"].as_u64() > Some(0),
        "{floats}"
    );
    Ok(())
}

#[tokio::test]
async fn retrieval_is_hybrid_and_says_with_which_model() -> Result<()> {
    let server = with_bert().await?;
    let answer = ingest_isolation(&server).await?;
    hybrid(&answer, "tiny-bert")?;
    let (status, found) = server
        .post("/api/v1/search", &json!({"query": "sandbox powers"}))
        .await?;
    ensure!(
        status == 200 && found["passages"][0]["source"] == "isolation.md",
        "{found}"
    );
    hybrid(&found, "tiny-bert")?;
    let again = ingest_isolation(&server).await?;
    ensure!(again["documents"][0]["status"] == "unchanged", "{again}");
    let (_, health) = server.get("/health").await?;
    ensure!(health["checks"]["retrieval"]["status"] == "ok", "{health}");
    alive(&server).await
}

#[tokio::test]
async fn a_truncated_embedding_model_is_told_and_words_still_find() -> Result<()> {
    let setup = Setup::new()?;
    let file = setup.model("all-minilm-l6-v2");
    gyre_gguf::tiny::random_bert(3, &file)?;
    let bytes = std::fs::read(&file)?;
    std::fs::write(&file, &bytes[..bytes.len() / 2])?;
    let server = setup.start().await?;
    let answer = ingest_isolation(&server).await?;
    ensure!(answer["retrieval"]["mode"] == "lexical", "{answer}");
    ensure!(
        text(&answer, "/retrieval/reason")?.contains("all-minilm-l6-v2.gguf"),
        "no file: {answer}"
    );
    let (status, found) = server
        .post("/api/v1/search", &json!({"query": "sandbox powers"}))
        .await?;
    ensure!(
        status == 200 && found["passages"][0]["source"] == "isolation.md",
        "{found}"
    );
    let (_, health) = server.get("/health").await?;
    ensure!(
        health["checks"]["embedding_model"]["status"] == "degraded",
        "{health}"
    );
    alive(&server).await
}

fn hybrid(answer: &Value, model: &str) -> Result<()> {
    let retrieval = &answer["retrieval"];
    ensure!(
        retrieval["mode"] == "hybrid" && retrieval["embedding_model"] == model,
        "{answer}"
    );
    ensure!(retrieval["reason"].is_null(), "{answer}");
    Ok(())
}

/// The real model's file, if this machine has it.
fn minilm() -> Option<PathBuf> {
    let folder = std::env::var_os("GYRE_TEST_MODELS").map(PathBuf::from);
    let folder =
        folder.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/gyre/models")))?;
    Some(folder.join("all-minilm-l6-v2.gguf")).filter(|file| file.is_file())
}

/// Which documents mean the same as a question that shares no word with them.
#[tokio::test]
async fn the_default_model_finds_by_meaning() -> Result<()> {
    let Some(file) = minilm() else {
        ensure!(
            std::env::var_os("GYRE_TEST_FORCE").is_none(),
            "GYRE_TEST_FORCE is set, and all-minilm-l6-v2.gguf is \
             not there; hint: `cargo xtask setup` fetches it, GYRE_TEST_MODELS names its folder"
        );
        println!("not run: no all-minilm-l6-v2.gguf here; hint: `cargo xtask setup` fetches it");
        return Ok(());
    };
    let setup = Setup::new()?;
    std::os::unix::fs::symlink(file, setup.model("all-minilm-l6-v2"))?;
    let server = setup.start().await?;
    let documents = [
        document(
            "cars.md",
            "text/markdown",
            "The automobile would not start in the cold.\n",
        ),
        document("cake.md", "text/markdown", "Whisk eggs with sugar until pale.\n"),
        document("law.md", "text/markdown", "The tenant shall pay rent monthly.\n"),
    ];
    let (status, answer) = server
        .post("/api/v1/documents", &json!({"documents": documents}))
        .await?;
    ensure!(status == 200, "{answer}");
    hybrid(&answer, "all-minilm-l6-v2")?;
    for (query, source) in [
        ("broken vehicles during winter", "cars.md"),
        ("dessert recipes", "cake.md"),
    ] {
        let (_, found) = server.post("/api/v1/search", &json!({"query": query})).await?;
        ensure!(found["passages"][0]["source"] == source, "`{query}`: {found}");
    }
    let (_, health) = server.get("/health").await?;
    ensure!(health["status"] == "ok", "{health}");
    Ok(())
}
