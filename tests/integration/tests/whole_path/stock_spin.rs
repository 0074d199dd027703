//! The repository's own manifest and components on stock Spin, where there is one: `GYRE_SPIN` names its program.

use crate::expect::{CHAT, COMPLETIONS, ISOLATION, document, list, text};
use crate::model_server::model_server;
use crate::token_path::ask;
use anyhow::{Context, Result, bail, ensure};
use gyre_test_support::{Setup, repository};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Spin has no compile cache of ours.
const START_WAIT: Duration = Duration::from_secs(240);
const POLL: Duration = Duration::from_millis(250);

struct Spin {
    child: Child,
    url: String,
    http: reqwest::Client,
}

impl Spin {
    async fn start(setup: &Setup, variables: &[String]) -> Result<Self> {
        let program = std::env::var_os("GYRE_SPIN")
            .context("peer absent: GYRE_SPIN names no spin program (4.1 or later)")?;
        // Spin cannot say which port it took, so one that was free a moment ago is given.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let variables = variables.iter().flat_map(|variable| ["--variable", variable]);
        let child = Command::new(program)
            .args(["up", "--quiet", "--max-instance-reuse-count", "1", "--from"])
            .arg(repository()?.join("spin.toml"))
            .args(["--listen", &address.to_string(), "--state-dir"])
            .arg(setup.folder().join("spin-state"))
            .args(variables)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .context("cannot start spin")?;
        let mut spin = Self {
            child,
            url: format!("http://{address}"),
            http: gyre_test_support::client(START_WAIT)?,
        };
        tokio::time::timeout(START_WAIT, spin.listening())
            .await
            .context("spin did not listen")??;
        Ok(spin)
    }

    async fn listening(&mut self) -> Result<()> {
        while self
            .http
            .get(format!("{}/health", self.url))
            .send()
            .await
            .is_err()
        {
            if let Some(status) = self.child.try_wait()? {
                bail!("spin ended: {status}");
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }

    async fn post(&self, path: &str, body: &Value) -> Result<String> {
        let answer = self
            .http
            .post(format!("{}{path}", self.url))
            .json(body)
            .send()
            .await?;
        let (status, body) = (answer.status(), answer.text().await?);
        ensure!(status.is_success(), "{path}: {status}: {body}");
        Ok(body)
    }
}

impl Drop for Spin {
    fn drop(&mut self) {
        // It runs the trigger in a process of its own, and ends that only when it is asked to end.
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        if asked.is_err() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

#[tokio::test]
#[ignore = "peer absent in CI: needs stock Spin >= 4.1, named by GYRE_SPIN"]
async fn the_same_application_answers_under_stock_spin() -> Result<()> {
    let setup = Setup::new()?;
    let spin = Spin::start(&setup, &[]).await?;
    let documents = json!({"documents": [document("isolation.md", "text/markdown", ISOLATION)]});
    spin.post("/api/v1/documents", &documents).await?;
    let question = json!({"input": "How does Gyre isolate an agent?"});
    let answer: Value = serde_json::from_str(&spin.post(CHAT, &question).await?)?;
    ensure!(
        text(&answer, "/output")?.contains("in a sandbox of its own"),
        "{answer}"
    );
    ensure!(text(&answer, "/model")? == "gyre-extractive", "{answer}");
    ensure!(!list(&answer, "/citations")?.is_empty(), "{answer}");
    let streamed = json!({"input": "How does Gyre isolate an agent?", "stream": true});
    let stream = spin.post(CHAT, &streamed).await?;
    ensure!(
        stream.contains("event: text.delta") && stream.contains("event: done"),
        "{stream}"
    );
    Ok(())
}

#[tokio::test]
#[ignore = "peer absent in CI: needs stock Spin >= 4.1, named by GYRE_SPIN"]
async fn stock_spin_has_local_inference_beside_serve_model() -> Result<()> {
    let models = model_server().await?;
    let setup = Setup::new()?;
    let variables = [
        format!("model_server=http://{}", models.address()),
        "embedding_model=tiny-bert".to_owned(),
    ];
    let spin = Spin::start(&setup, &variables).await?;
    let body = ask("tell me", 40);
    let stream = spin.post(COMPLETIONS, &body).await?;
    ensure!(stream.trim_end().ends_with("data: [DONE]"), "{stream}");
    // Such a small model is faster than its reader: several tokens come in one delta, but not all of them.
    ensure!(
        stream.matches("\"content\":").count() > 2,
        "not streamed: {stream}"
    );
    let mut whole = body;
    whole["stream"] = json!(false);
    let (_, direct) = models.post(COMPLETIONS, &whole).await?;
    let through: Value = serde_json::from_str(&spin.post(COMPLETIONS, &whole).await?)?;
    ensure!(
        direct["choices"] == through["choices"] && direct["usage"] == through["usage"],
        "{direct} directly, {through} through spin"
    );
    let documents = json!({"documents": [document("isolation.md", "text/markdown", ISOLATION)]});
    let ingested: Value = serde_json::from_str(&spin.post("/api/v1/documents", &documents).await?)?;
    ensure!(text(&ingested, "/retrieval/mode")? == "hybrid", "{ingested}");
    Ok(())
}
