//! Guests that do harm after they began to answer: the end never looks like one.

use super::socket::{Socket, get};
use super::{app, is_free};
use anyhow::{Context, Result, ensure};

const TIGHT: &str = "request_ms_max = 2500\ncpu_ms_max = 500\nresponse_bytes_max = 1000000\ncalls_max = 1";

#[tokio::test]
async fn a_cut_answer_has_no_last_chunk() -> Result<()> {
    let server = app(TIGHT)?.start().await?;
    let whole = Socket::ask(&server, &get("/hostile/drip?3"))
        .await?
        .heard()
        .await?;
    ensure!(
        whole.is_whole() && whole.text().contains("piece 3"),
        "no end at all: {}",
        whole.text()
    );
    for (deed, said, logged) in [
        ("panic-after-head", "begun", "component `hostile` failed"),
        ("loop-after-head", "begun", "computed for more than 500 ms"),
        ("silent-after-head", "begun", "did not finish within 2500 ms"),
        ("endless", "xxx", "answered with more than 1000000 bytes"),
        ("long?1000000000", "xxx", "answered with more than 1000000 bytes"),
    ] {
        is_free(&server).await.with_context(|| format!("before {deed}"))?;
        let before = server.stderr().len();
        let request = get(&format!("/hostile/{deed}"));
        let heard = Socket::ask(&server, &request).await?.heard().await?;
        ensure!(heard.status() == Some(200), "{deed}: {}", heard.text());
        ensure!(heard.text().contains(said), "{deed}: nothing came before the cut");
        ensure!(!heard.is_whole(), "{deed}: a cut answer looks like a whole one");
        ensure!(
            heard.bytes.len() < 1_200_000,
            "{deed}: {} bytes",
            heard.bytes.len()
        );
        is_free(&server).await.with_context(|| format!("after {deed}"))?;
        ensure!(server.logs(logged).await, "{deed}: {}", server.stderr());
        ensure!(server.stderr()[before..].contains("error_id"), "{deed}: no id");
    }
    Ok(())
}
