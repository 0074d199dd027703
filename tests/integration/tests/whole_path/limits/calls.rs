//! How many calls, requests and hops.

use super::socket::{Socket, get};
use super::{app, failure, is_free, quiet_answers};
use anyhow::{Result, ensure};

#[tokio::test]
async fn a_component_with_enough_to_do_says_when_to_come_back() -> Result<()> {
    let server = app("calls_max = 2")?.start().await?;
    let mut busy = Vec::new();
    for _ in 0..2 {
        let mut stream = Socket::ask(&server, &get("/hostile/silent-after-head")).await?;
        ensure!(stream.some().await? > 0, "it has not begun");
        busy.push(stream);
    }
    let request = server.http().get(server.url("/hostile/ok"));
    let refused = request.send().await?;
    ensure!(refused.status() == 429, "{refused:?}");
    ensure!(refused.headers()["retry-after"] == "1", "{refused:?}");
    let answer = refused.json().await?;
    failure(&server, &answer, 429, "overloaded").await?;
    ensure!(
        answer["hint"]
            .as_str()
            .is_some_and(|hint| hint.contains("calls_max")),
        "{answer}"
    );
    quiet_answers(&server).await?;
    drop(busy);
    is_free(&server).await
}

#[tokio::test]
async fn requests_beyond_the_bound_are_denied_and_the_log_has_the_cure() -> Result<()> {
    let server = app("outbound_requests_max = 5")?.start().await?;
    // Twice: the bound is for each call.
    for _ in 0..2 {
        let (status, answer) = server.get("/hostile/requests?8").await?;
        ensure!(status == 200 && answer["answered"] == 5, "{status}: {answer}");
    }
    let cure = "raise outbound_requests_max in [component.hostile.tool.gyre]";
    ensure!(server.logs(cure).await, "{}", server.stderr());
    let (_, answer) = server.get("/hostile/requests?5").await?;
    ensure!(answer["answered"] == 5, "{answer}");
    ensure!(
        server.stderr().matches(cure).count() == 2,
        "not once a call: {}",
        server.stderr()
    );
    Ok(())
}

#[tokio::test]
async fn a_circle_ends_where_its_component_says() -> Result<()> {
    let server = app("")?.start().await?;
    let (status, answer) = server.get("/circle/hop").await?;
    // The request from outside, and three hops.
    ensure!(status == 200 && answer["depth"] == 4, "{status}: {answer}");
    let cure = "raise hops_max in [component.circle.tool.gyre]";
    ensure!(server.logs(cure).await, "{}", server.stderr());
    Ok(())
}
