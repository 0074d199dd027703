//! The worker is killed: who waits on it is told, and the next call has a new one.

use crate::expect::{COMPLETIONS, alive, is_done, model_error};
use crate::token_path::{ask, granted};
use anyhow::{Context, Result, ensure};
use std::process::Command;

/// The one child of a process, as the kernel lists it.
fn child_of(pid: u32) -> Result<u32> {
    let mut children = String::new();
    for thread in std::fs::read_dir(format!("/proc/{pid}/task")).context("no such process")? {
        children += &std::fs::read_to_string(thread?.path().join("children")).unwrap_or_default();
    }
    let first = children.split_whitespace().next().context("it has no child")?;
    first.parse().context("not a process id")
}

#[tokio::test]
async fn a_worker_killed_in_mid_call() -> Result<()> {
    let setup = granted("tiny-llama")?;
    gyre_gguf::tiny::random_llama(7, &setup.model("tiny-llama"))?;
    let server = setup.start().await?;
    let mut events = server.stream(COMPLETIONS, &ask("a long story", 900)).await?;
    for _ in 0..3 {
        ensure!(events.next().await?.is_some(), "no event");
    }
    let worker = child_of(server.pid())?;
    ensure!(
        Command::new("kill")
            .args(["-9", &worker.to_string()])
            .status()?
            .success(),
        "not killed"
    );
    let rest = events.rest().await?;
    ensure!(!is_done(&rest), "a cut stream looks like a normal end");
    let last = rest.last().context("nothing was said")?.json()?;
    model_error(&last, "")?;
    alive(&server).await?;

    let events = server.stream(COMPLETIONS, &ask("again", 5)).await?.rest().await?;
    ensure!(is_done(&events), "{events:?}; stderr:\n{}", server.stderr());
    ensure!(child_of(server.pid())? != worker, "the same worker");
    Ok(())
}
