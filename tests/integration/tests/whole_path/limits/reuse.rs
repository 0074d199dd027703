//! Instances that answer more than one request, and those that must not.

use super::socket::{Socket, get};
use super::{app, quiet_answers};
use anyhow::{Context, Result, ensure};
use gyre_test_support::Server;
use std::time::Duration;

const REUSE: &str = "instance = \"reuse\"\nrequest_ms_max = 2000\ncpu_ms_max = 500";
/// Longer than an instance waits for the next request.
const EXPIRED: Duration = Duration::from_millis(2_500);

/// How often the instance that answers has been used.
async fn uses(server: &Server, path: &str) -> Result<u64> {
    let (status, answer) = server.get(path).await?;
    ensure!(status == 200, "{status}: {answer}");
    answer["uses"].as_u64().context("it does not say")
}

/// Uses it until it has been used before: a slow machine may let one wait too long.
async fn warm(server: &Server) -> Result<()> {
    for _ in 0..50 {
        if uses(server, "/hostile/ok").await? > 1 {
            return Ok(());
        }
    }
    anyhow::bail!("no instance is ever used again")
}

#[tokio::test]
async fn only_who_asks_for_it_is_used_again_and_not_for_long() -> Result<()> {
    let server = app(REUSE)?.start().await?;
    for _ in 0..5 {
        ensure!(uses(&server, "/quiet/ok").await? == 1, "a fresh one is not fresh");
    }
    warm(&server).await?;
    tokio::time::sleep(EXPIRED).await;
    ensure!(uses(&server, "/hostile/ok").await? == 1, "it waited too long");
    let mut most = 0;
    for _ in 0..300 {
        most = most.max(uses(&server, "/hostile/ok").await?);
    }
    ensure!(most <= 128, "used {most} times");
    Ok(())
}

#[tokio::test]
async fn one_that_failed_or_whose_client_left_is_never_used_again() -> Result<()> {
    let server = app(REUSE)?.start().await?;
    for deed in ["panic", "loop", "silent", "memory", "huge-header"] {
        warm(&server).await?;
        let (status, answer) = server.get(&format!("/hostile/{deed}")).await?;
        ensure!(status >= 500, "{deed}: {status}: {answer}");
        ensure!(
            uses(&server, "/hostile/ok").await? == 1,
            "used again after {deed}"
        );
    }
    for deed in ["panic-after-head", "loop-after-head", "silent-after-head"] {
        warm(&server).await?;
        let heard = Socket::ask(&server, &get(&format!("/hostile/{deed}")))
            .await?
            .heard()
            .await?;
        ensure!(
            heard.status() == Some(200) && !heard.is_whole(),
            "{deed}: {}",
            heard.text()
        );
        ensure!(
            uses(&server, "/hostile/ok").await? == 1,
            "used again after {deed}"
        );
    }
    warm(&server).await?;
    let mut leaving = Socket::ask(&server, &get("/hostile/drip?1000")).await?;
    ensure!(leaving.some().await? > 0, "it has not begun");
    drop(leaving);
    ensure!(
        uses(&server, "/hostile/ok").await? == 1,
        "used again after its client left"
    );
    quiet_answers(&server).await
}

#[tokio::test]
async fn one_that_still_streams_answers_nobody_else() -> Result<()> {
    let server = app("instance = \"reuse\"")?.start().await?;
    warm(&server).await?;
    let mut stream = Socket::ask(&server, &get("/hostile/drip?100")).await?;
    ensure!(stream.some().await? > 0, "it has not begun");
    ensure!(
        uses(&server, "/hostile/ok").await? == 1,
        "two at once in one instance"
    );
    Ok(())
}
