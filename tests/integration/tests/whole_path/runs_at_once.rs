//! Many runs that begin at the same moment: each is in the journal, whose database all of them write.

use crate::doubles::{ordered, with_double};
use crate::expect::list;
use anyhow::{Context, Result, ensure};
use futures::future::try_join_all;
use gyre_test_support::Server;

const RUNS: usize = 96;
const ROUNDS: usize = 3;
/// Sandboxes of all runs on their way, and of those that are asked on it.
const SANDBOXES_MAX: &str = "1200";
const PAGE: usize = 100;

async fn run(server: &Server) -> Result<()> {
    let (status, answer) = server
        .post("/api/v1/agents/assistant/chat", &ordered("hello"))
        .await?;
    ensure!(status == 200, "{status}: {answer}");
    Ok(())
}

#[tokio::test]
async fn of_many_runs_at_once_none_is_refused_and_all_are_in_the_journal() -> Result<()> {
    let server = with_double()?
        .option("--sandboxes-max", SANDBOXES_MAX)
        .start()
        .await?;
    for round in 0..ROUNDS {
        try_join_all((0..RUNS).map(|_| run(&server)))
            .await
            .with_context(|| format!("round {round}; {}", server.stderr()))?;
    }
    let mut done = 0;
    for offset in (0..RUNS * ROUNDS).step_by(PAGE) {
        let (status, runs) = server
            .get(&format!("/api/v1/runs?limit={PAGE}&offset={offset}"))
            .await?;
        ensure!(status == 200, "{status}: {runs}");
        let listed = list(&runs, "/runs")?;
        done += listed.iter().filter(|run| run["status"] == "done").count();
    }
    ensure!(done == RUNS * ROUNDS, "{done} runs are done");
    Ok(())
}
