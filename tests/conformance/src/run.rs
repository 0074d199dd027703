//! One case on one host.

use crate::case::{Case, Exchange};
use crate::check::{Answer, mismatches};
use crate::host::{Application, HostKind, Running, Started};
use crate::servers::Servers;
use anyhow::{Context, Result};
use reqwest::Client;
use std::time::Duration;

const ANSWER_WAIT: Duration = Duration::from_secs(30);

/// What came of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What was not as expected, in words; empty when all was.
    pub mismatches: Vec<String>,
}

/// Runs a case. An error means that it could not be tried.
pub async fn run(case: &Case, host: &HostKind) -> Result<Outcome> {
    let servers = Servers::start(case).await?;
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    servers.copy(&case.folder, folder.path())?;
    let application = Application {
        folder: folder.path(),
    };
    let mismatches = match host.start(&application).await? {
        Started::Refused(said) => refusal(case, host, &said),
        Started::Running(running) => match &case.expect.refused {
            Some(_) => vec!["it started".to_owned()],
            None => exchange_all(case, &servers, &running).await?,
        },
    };
    Ok(Outcome { mismatches })
}

/// Ours must say what the case says; Spin has words of its own.
fn refusal(case: &Case, host: &HostKind, said: &str) -> Vec<String> {
    match &case.expect.refused {
        None => vec![format!("it did not start: {}", last_lines(said))],
        Some(_) if *host != HostKind::Gyre => Vec::new(),
        Some(words) if said.contains(words.as_str()) => Vec::new(),
        Some(words) => vec![format!("refused without saying {words:?}: {}", last_lines(said))],
    }
}

fn last_lines(said: &str) -> String {
    let lines: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(6)..].join(" | ")
}

async fn exchange_all(case: &Case, servers: &Servers, running: &Running) -> Result<Vec<String>> {
    let client = gyre_test_support::client(ANSWER_WAIT)?;
    let mut found = Vec::new();
    for expected in &case.expect.requests {
        let expected = filled(expected, servers);
        let answer = send(&client, &running.origin, &expected).await?;
        let wrong = mismatches(&expected, &answer);
        found.extend(
            wrong
                .into_iter()
                .map(|what| format!("{} {}: {what}", expected.method, expected.path)),
        );
    }
    Ok(found)
}

async fn send(client: &Client, origin: &str, expected: &Exchange) -> Result<Answer> {
    let method = expected.method.parse().context("not a method")?;
    let mut request = client.request(method, format!("{origin}{}", expected.path));
    for (name, value) in &expected.headers {
        request = request.header(name, value);
    }
    if !expected.body.is_empty() {
        request = request.body(expected.body.clone());
    }
    let answer = request
        .send()
        .await
        .with_context(|| format!("no answer to {} {}", expected.method, expected.path))?;
    Ok(Answer::read(answer).await)
}

fn filled(expected: &Exchange, servers: &Servers) -> Exchange {
    let fill = |text: &String| servers.fill(text);
    let mut filled = expected.clone();
    filled.path = fill(&expected.path);
    filled.body = fill(&expected.body);
    filled.text = expected.text.as_ref().map(fill);
    for value in filled.headers.values_mut() {
        *value = fill(value);
    }
    for value in filled.json.values_mut() {
        if let serde_json::Value::String(text) = value {
            *text = fill(text);
        }
    }
    filled
}
