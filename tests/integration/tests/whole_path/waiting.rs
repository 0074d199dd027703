//! Many runs that wait for their model at once, and what of each is there meanwhile: services that only pass on hand
//! their stream on and end.

use crate::doubles::{ordered, with_double};
use crate::metrics::{at_least, sample, scrape};
use anyhow::{Context, Result, ensure};
use gyre_test_support::{Events, Server};
use serde_json::json;
use std::time::Duration;

const RUNS: usize = 40;
/// Sandboxes of a run that has not begun to wait yet: all on its way, and those that are asked on it.
const SANDBOXES_MAX: &str = "400";
/// Those of a run that waits: the journal's writer, the loop, the model with its leaf.
const STAY: [&str; 3] = ["api", "agent-assistant", "model-double"];
/// Those that are gone by then.
const GO: [&str; 2] = ["gateway", "router"];
const GONE_WAIT: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(100);

async fn waiting(server: &Server) -> Result<Events> {
    let mut order = ordered("double: hang");
    order["stream"] = json!(true);
    let mut events = server.stream("/api/v1/agents/assistant/chat", &order).await?;
    while let Some(event) = events.next().await? {
        if event.data.contains("double") {
            return Ok(events);
        }
    }
    anyhow::bail!("it ended before it waited")
}

fn running(component: &str) -> String {
    format!("gyre_sandboxes_running{{component=\"{component}\"}}")
}

/// Waits until no sandbox of these runs.
async fn gone(server: &Server, components: &[&str]) -> Result<()> {
    let gone = async {
        loop {
            let text = scrape(server).await?;
            let mut left = 0.0;
            for component in components {
                left += sample(&text, &running(component))?;
            }
            if left == 0.0 {
                return anyhow::Ok(());
            }
            tokio::time::sleep(POLL).await;
        }
    };
    match tokio::time::timeout(GONE_WAIT, gone).await {
        Ok(gone) => gone,
        Err(_) => anyhow::bail!("some of {components:?} still run:\n{}", scrape(server).await?),
    }
}

#[tokio::test]
async fn forty_runs_wait_at_once_and_hanging_up_frees_them() -> Result<()> {
    let server = with_double()?
        .option("--admin", "127.0.0.1:0")
        .option("--sandboxes-max", SANDBOXES_MAX)
        .start()
        .await?;
    // The first compiles nothing any more, but opens the databases.
    drop(waiting(&server).await?);
    let held = futures::future::try_join_all((0..RUNS).map(|_| waiting(&server))).await?;
    gone(&server, &GO)
        .await
        .context("relays stay with their stream")?;
    for component in STAY {
        let text = at_least(&server, &running(component), RUNS as f64).await?;
        let refused = sample(
            &text,
            &format!("gyre_requests_total{{component=\"{component}\",outcome=\"failed\"}}"),
        )?;
        ensure!(refused == 0.0, "{refused} calls of {component} failed");
    }
    drop(held);
    gone(&server, &STAY)
        .await
        .context("a run stays after its client hung up")
}
