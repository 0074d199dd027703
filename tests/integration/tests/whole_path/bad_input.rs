//! Requests that make no sense: refused with the cure, and the next good one is answered.

use crate::expect::{CHAT, COMPLETIONS, alive, list, model_error, problem};
use anyhow::{Context, Result, ensure};
use gyre_test_support::{Server, Setup, exchange};
use serde_json::{Value, json};

const TEN_MEGABYTES: usize = 10_000_000;

/// POSTs any bytes as any type.
async fn post(server: &Server, path: &str, media_type: &str, body: &[u8]) -> Result<(u16, Value)> {
    let request = server
        .http()
        .post(server.url(path))
        .header("content-type", media_type);
    let answer = request
        .body(body.to_vec())
        .send()
        .await
        .with_context(|| format!("no answer from {path}"))?;
    let status = answer.status().as_u16();
    let kind = answer
        .headers()
        .get("content-type")
        .cloned()
        .context("no content type")?;
    let value: Value = answer
        .json()
        .await
        .with_context(|| format!("{status} of {path} is not JSON"))?;
    let wanted = if path.starts_with("/v1/") {
        "application/json"
    } else {
        "application/problem+json"
    };
    ensure!(kind.to_str()?.starts_with(wanted), "{path} answers {kind:?}");
    Ok((status, value))
}

#[tokio::test]
async fn nonsense_is_refused_with_its_cure() -> Result<()> {
    let server = Setup::new()?.start().await?;
    let json = "application/json";
    let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
    let cases: [(&str, &str, &[u8], u16, &str); 12] = [
        (CHAT, json, b"{\"input\": ", 400, "JSON"),
        (CHAT, json, b"", 400, "JSON"),
        (CHAT, json, b"\xff\xfe{\"input\":\"x\"}", 400, ""),
        (CHAT, json, b"{\"input\":\"\xc3\x28\"}", 400, ""),
        (CHAT, json, &deep, 400, ""),
        (CHAT, "text/plain", b"{\"input\":\"x\"}", 415, json),
        (CHAT, json, b"{\"input\":\"\"}", 422, "input"),
        (CHAT, json, b"{\"input\":\"  \\n \"}", 422, "input"),
        (
            "/api/v1/agents/nobody/chat",
            json,
            b"{\"input\":\"x\"}",
            404,
            "researcher",
        ),
        ("/api/v1/documents", json, b"{\"documents\":", 400, "JSON"),
        ("/api/v1/search", json, b"{\"query\":\"\"}", 422, "query"),
        ("/no/such/path", json, b"{}", 404, "/api/v1/agents"),
    ];
    for (path, media_type, body, status, said) in cases {
        let (answered, answer) = post(&server, path, media_type, body).await?;
        ensure!(answered == status, "{path}: {answered}, not {status}: {answer}");
        problem(&answer, status, said).with_context(|| path.to_owned())?;
    }
    for (path, status, said) in [
        ("/api/v1/agents/nobody", 404, "researcher"),
        ("/api/v1/runs?limit=0", 422, "limit"),
        ("/api/v1/runs?page=2", 422, "offset"),
        ("/api/v1/sessions?offset=many", 422, "offset"),
        ("/api/v1/runs/a%2Fb", 422, "run"),
        ("/api/v1/runs/00000000-0000-7000-8000-000000000000", 404, "run"),
        ("/api/v1/sessions/a%20b", 422, "session"),
    ] {
        let (answered, answer) = server.get(path).await?;
        ensure!(answered == status, "{path}: {answered}, not {status}: {answer}");
        problem(&answer, status, said).with_context(|| path.to_owned())?;
    }
    for (path, status) in [
        ("/api/v1/agents/researcher", 409),
        ("/api/v1/agents/nobody", 404),
        ("/api/v1/sessions/never-there", 404),
        ("/api/v1/documents", 405),
    ] {
        let answered = server.http().delete(server.url(path)).send().await?;
        ensure!(answered.status() == status, "{path}: {answered:?}");
        problem(&answered.json().await?, status, "").with_context(|| path.to_owned())?;
    }
    alive(&server).await
}

#[tokio::test]
async fn the_model_api_refuses_in_its_own_shape() -> Result<()> {
    let server = Setup::new()?.start().await?;
    let json = "application/json";
    let cases: [(&str, &str, &[u8], u16, &str); 6] = [
        (COMPLETIONS, json, b"{\"model\":", 400, ""),
        (COMPLETIONS, "text/plain", b"{}", 415, json),
        (COMPLETIONS, json, b"{\"model\":\"\xc3\x28\"}", 400, ""),
        (
            COMPLETIONS,
            json,
            b"{\"model\":\"nope\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}",
            404,
            "gyre-extractive",
        ),
        (
            "/v1/embeddings",
            json,
            b"{\"model\":\"nope\",\"input\":\"x\"}",
            404,
            "gyre-extractive",
        ),
        ("/v1/nope", json, b"{}", 404, ""),
    ];
    for (path, media_type, body, status, said) in cases {
        let (answered, answer) = post(&server, path, media_type, body).await?;
        ensure!(answered == status, "{path}: {answered}, not {status}: {answer}");
        model_error(&answer, said).with_context(|| path.to_owned())?;
    }
    alive(&server).await
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused_however_it_is_framed() -> Result<()> {
    let server = Setup::new()?.start().await?;
    let head =
        format!("POST {CHAT} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n");
    let body = vec![b'a'; TEN_MEGABYTES];
    let known = [
        format!("{head}content-length: {TEN_MEGABYTES}\r\n\r\n").into_bytes(),
        body.clone(),
    ]
    .concat();
    let mut chunked = format!("{head}transfer-encoding: chunked\r\n\r\n").into_bytes();
    for chunk in body.chunks(65_536) {
        chunked.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        chunked.extend_from_slice(chunk);
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    for (framing, request) in [("content-length", known), ("chunked", chunked)] {
        let answer = exchange(server.address(), request).await.context(framing)?;
        ensure!(answer.status == 413, "{framing}: {answer:?}");
        problem(&answer.json()?, 413, "4194304 bytes").context(framing)?;
    }
    alive(&server).await
}

#[tokio::test]
async fn private_services_and_forged_tokens_are_out_of_reach() -> Result<()> {
    let server = Setup::new()?.start().await?;
    for host in ["router.spin.internal", "retrieval.spin.internal"] {
        let request = server
            .http()
            .post(server.url("/search"))
            .header("host", host)
            .json(&json!({"query": "x"}));
        let answer = request.header("gyre-run", "forged.").send().await?;
        ensure!(answer.status() == 404, "{host} is public: {}", answer.status());
    }
    let request = server
        .http()
        .get(server.url("/api/v1/agents"))
        .header("gyre-run", "forged.");
    let answer = request.send().await?;
    ensure!(answer.status() == 200, "{}", answer.status());
    ensure!(!list(&answer.json().await?, "/agents")?.is_empty(), "no agents");
    Ok(())
}
