//! The second wall: every thread of the host and of its worker is behind it, and all that they do still works.

use crate::expect::{CHAT, COMPLETIONS, ingest_isolation, is_done, prompt};
use crate::token_path::ask;
use crate::worker_death::{child_of, kill};
use anyhow::{Context, Result, anyhow, ensure};
use gyre_test_support::{Events, Server, Setup, gyre};
use std::fs;
use std::io::ErrorKind;
use std::time::Duration;

/// Makes a test fail that would be skipped for want of a kernel.
const FORCE: &str = "GYRE_FORCE_CONFINE";
const TRIES_MAX: u32 = 20;
const TRY_WAIT: Duration = Duration::from_millis(500);
const SECRET: &str = "hunter2";

/// Whether the kernel has the whole wall, as `gyre doctor` says; where it has not, the reason is told.
async fn has_wall() -> Result<bool> {
    let report = gyre(Setup::new()?.folder(), &["doctor"]).await?.stdout;
    let line = report
        .lines()
        .find(|line| line.contains("second wall"))
        .context("doctor says nothing")?;
    if line.starts_with("ok") {
        return Ok(true);
    }
    ensure!(std::env::var_os(FORCE).is_none(), "{FORCE} is set; {line}");
    eprintln!("ignored: {line}; {FORCE}=1 makes this a failure");
    Ok(false)
}

async fn confined() -> Result<Server> {
    let setup = Setup::new()?;
    gyre_gguf::tiny::random_llama(7, &setup.model("tiny-llama"))?;
    let setup = setup
        .environment("AWS_SECRET_ACCESS_KEY", SECRET)
        .environment("HF_TOKEN", SECRET);
    setup
        .option("--confine", "on")
        .option("--model", "tiny-llama")
        .start()
        .await
}

/// What the kernel says of each thread: no new privileges, a filter of system calls.
fn every_thread_is_confined(process: u32) -> Result<()> {
    let mut threads = 0;
    for thread in fs::read_dir(format!("/proc/{process}/task")).context("no such process")? {
        let status = match fs::read_to_string(thread?.path().join("status")) {
            // It ended since the folder was read.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            status => status.context("a thread has no status")?,
        };
        let says = |line: &str| {
            status
                .lines()
                .any(|it| it.split_whitespace().eq(line.split_whitespace()))
        };
        ensure!(
            says("NoNewPrivs: 1") && says("Seccomp: 2"),
            "a thread outside: {status}"
        );
        threads += 1;
    }
    ensure!(threads > 1, "{threads} threads: has it started?");
    Ok(())
}

fn has_no_secret(process: u32) -> Result<()> {
    let environ = fs::read(format!("/proc/{process}/environ")).context("its environment cannot be read")?;
    let environ = String::from_utf8_lossy(&environ);
    ensure!(
        environ.contains("GYRE_LOG") && !environ.contains(SECRET),
        "{environ}"
    );
    let limits = fs::read_to_string(format!("/proc/{process}/limits"))?;
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"))
        .context("no limit")?;
    ensure!(
        core.split_whitespace().filter(|word| *word == "0").count() == 2,
        "{core}"
    );
    Ok(())
}

/// Nobody waits on the worker when it dies, so who asks next may be refused while it is started again.
async fn answers_again(server: &Server) -> Result<()> {
    let mut last = None;
    for _ in 0..TRIES_MAX {
        let asked = server.stream(COMPLETIONS, &ask("again", 5)).await;
        match answered(asked).await {
            Ok(()) => return Ok(()),
            Err(error) => last = Some(error),
        }
        tokio::time::sleep(TRY_WAIT).await;
    }
    Err(last.unwrap_or_else(|| anyhow!("nothing was asked"))).with_context(|| server.stderr())
}

async fn answered(asked: Result<Events>) -> Result<()> {
    let events = asked?.rest().await?;
    ensure!(is_done(&events), "the answer was cut: {events:?}");
    Ok(())
}

#[tokio::test]
async fn all_that_gyre_does_works_behind_the_wall() -> Result<()> {
    if !has_wall().await? {
        return Ok(());
    }
    let server = confined().await?;
    ensure!(server.logs("the second wall stands").await, "{}", server.stderr());
    ingest_isolation(&server).await?;
    let body = prompt("gyre-extractive", "What isolates an agent?");
    let events = server.stream(COMPLETIONS, &body).await?.rest().await?;
    ensure!(is_done(&events), "{events:?}");
    let body =
        serde_json::json!({"input": "What isolates an agent?", "model": "gyre-extractive", "stream": true});
    let events = server.stream(CHAT, &body).await?.rest().await?;
    ensure!(
        events.last().is_some_and(|event| event.name == "done"),
        "{events:?}; {}",
        server.stderr()
    );

    let worker = child_of(server.pid())?;
    for process in [server.pid(), worker] {
        every_thread_is_confined(process)?;
        has_no_secret(process)?;
    }
    kill(worker)?;
    answers_again(&server).await?;
    let next = child_of(server.pid())?;
    ensure!(next != worker, "the same worker");
    every_thread_is_confined(next)?;
    every_thread_is_confined(server.pid())
}

#[tokio::test]
async fn without_the_wall_nothing_is_taken_away() -> Result<()> {
    let setup = Setup::new()?.environment("AWS_SECRET_ACCESS_KEY", SECRET);
    let server = setup.option("--confine", "off").start().await?;
    let status = fs::read_to_string(format!("/proc/{}/status", server.pid()))?;
    ensure!(status.contains("NoNewPrivs:\t0"), "{status}");
    let environ = fs::read(format!("/proc/{}/environ", server.pid()))?;
    ensure!(String::from_utf8_lossy(&environ).contains(SECRET));
    Ok(())
}
