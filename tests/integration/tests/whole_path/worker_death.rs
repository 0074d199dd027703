//! The worker is killed: who waits on it is told, and the next call has a new one.

use crate::expect::{COMPLETIONS, alive, is_done, model_error};
use crate::token_path::{ask, granted};
use anyhow::{Context, Result, ensure};
use gyre_test_support::Setup;
use std::process::Command;

/// The one child of a process, as the kernel lists it.
pub(crate) fn child_of(pid: u32) -> Result<u32> {
    let mut children = String::new();
    for thread in std::fs::read_dir(format!("/proc/{pid}/task")).context("no such process")? {
        children += &std::fs::read_to_string(thread?.path().join("children")).unwrap_or_default();
    }
    let first = children.split_whitespace().next().context("it has no child")?;
    first.parse().context("not a process id")
}

pub(crate) fn kill(process: u32) -> Result<()> {
    let status = Command::new("kill").args(["-9", &process.to_string()]).status()?;
    ensure!(status.success(), "not killed");
    Ok(())
}

#[tokio::test]
async fn a_worker_killed_under_two_streams() -> Result<()> {
    let setup = Setup::new()?;
    gyre_gguf::tiny::random_llama(7, &setup.model("tiny-llama"))?;
    let server = setup.option("--model", "tiny-llama").start().await?;
    let mut one = server.stream(COMPLETIONS, &ask("a long story", 900)).await?;
    let mut two = server.stream(COMPLETIONS, &ask("another one", 900)).await?;
    for events in [&mut one, &mut two] {
        for _ in 0..3 {
            ensure!(events.next().await?.is_some(), "no event");
        }
    }
    let worker = child_of(server.pid())?;
    kill(worker)?;
    for events in [one, two] {
        let rest = events.rest().await?;
        ensure!(!is_done(&rest), "a cut stream looks like a normal end");
        let last = rest.last().context("nothing was said")?.json()?;
        model_error(&last, "repeat the call")?;
        ensure!(last["error"]["code"] == "unavailable", "not retriable: {last}");
    }
    let again = server.stream(COMPLETIONS, &ask("again", 5)).await?.rest().await?;
    ensure!(is_done(&again), "{again:?}; stderr:\n{}", server.stderr());
    ensure!(child_of(server.pid())? != worker, "the same worker");
    Ok(())
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
    kill(worker)?;
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
