//! Guests that do harm before they answer.

use super::{app, failure, is_free};
use anyhow::{Context, Result, ensure};

const TIGHT: &str = "memory_bytes_max = 16777216\nrequest_ms_max = 3000\ncpu_ms_max = 500\ncalls_max = 1";

#[tokio::test]
async fn each_harm_is_a_failure_with_an_id_and_no_more() -> Result<()> {
    let server = app(TIGHT)?.start().await?;
    is_free(&server).await?;
    for (deed, status, kind) in [
        ("panic", 500, "internal"),
        ("memory", 500, "internal"),
        ("recurse", 500, "internal"),
        ("handles", 500, "internal"),
        ("tasks", 500, "internal"),
        ("huge-header", 500, "internal"),
        ("loop", 500, "cpu"),
        ("silent", 504, "timeout"),
    ] {
        let (answered, answer) = server
            .get(&format!("/hostile/{deed}"))
            .await
            .with_context(|| deed.to_owned())?;
        ensure!(answered == status, "{deed}: {answered}: {answer}");
        failure(&server, &answer, status, kind)
            .await
            .with_context(|| deed.to_owned())?;
        let text = answer.to_string();
        ensure!(
            !text.contains("secret") && !text.contains("wasm"),
            "the cause is for the log: {text}"
        );
        is_free(&server).await.with_context(|| format!("after {deed}"))?;
    }
    ensure!(server.logs("wasm backtrace").await, "{}", server.stderr());
    Ok(())
}

#[tokio::test]
async fn computing_is_counted_and_waiting_is_not() -> Result<()> {
    let server = app("cpu_ms_max = 1000")?.start().await?;
    for deed in ["nap?2000", "burn?50"] {
        let (status, answer) = server.get(&format!("/hostile/{deed}")).await?;
        ensure!(status == 200, "{deed}: {status}: {answer}");
    }
    let (status, answer) = server.get("/hostile/loop").await?;
    ensure!(status == 500, "{status}: {answer}");
    failure(&server, &answer, 500, "cpu").await?;
    ensure!(
        answer["hint"]
            .as_str()
            .is_some_and(|hint| hint.contains("cpu_ms_max")),
        "{answer}"
    );
    Ok(())
}
