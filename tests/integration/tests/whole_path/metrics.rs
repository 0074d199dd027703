//! Reads metrics as a scraper does.

use anyhow::{Context, Result, ensure};
use gyre_test_support::Server;
use std::time::Duration;

const WAIT: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(100);

/// All metrics, checked to be whole.
pub(crate) async fn scrape(server: &Server) -> Result<String> {
    let answer = server
        .http()
        .get(format!("{}/metrics", server.admin().await?))
        .send()
        .await?;
    let kind = answer.headers()["content-type"].to_str()?.to_owned();
    ensure!(kind.starts_with("application/openmetrics-text"), "{kind}");
    let text = answer.text().await?;
    ensure!(text.ends_with("# EOF\n"), "no end: {text}");
    Ok(text)
}

/// The value of a sample; 0 where there is none yet.
pub(crate) fn sample(text: &str, name: &str) -> Result<f64> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.map_or(Ok(0.0), |value| {
        value
            .parse()
            .with_context(|| format!("{name} is no number: {value}"))
    })
}

/// Waits until a sample is at least this.
pub(crate) async fn at_least(server: &Server, name: &str, value: f64) -> Result<String> {
    let reached = async {
        loop {
            let text = scrape(server).await?;
            if sample(&text, name)? >= value {
                return Ok(text);
            }
            tokio::time::sleep(POLL).await;
        }
    };
    match tokio::time::timeout(WAIT, reached).await {
        Ok(text) => text,
        Err(_) => anyhow::bail!("{name} is not {value} yet in\n{}", scrape(server).await?),
    }
}
