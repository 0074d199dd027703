//! SIGTERM: running answers end, new connections are refused, and what takes too long is cut.

use super::app;
use super::socket::{Socket, get};
use anyhow::{Result, ensure};
use gyre_test_support::Server;
use std::time::Duration;
use tokio::net::TcpStream;

/// Waits until nobody listens any more.
async fn refuses(server: &Server) -> Result<()> {
    for _ in 0..500 {
        if TcpStream::connect(server.address()).await.is_err() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    anyhow::bail!("it still listens")
}

#[tokio::test]
async fn answers_under_way_end_and_new_connections_are_refused() -> Result<()> {
    let mut server = app("")?.option("--drain", "60").start().await?;
    let idle = Socket::open(&server).await?;
    let mut stream = Socket::ask(&server, &get("/hostile/drip?30")).await?;
    ensure!(stream.some().await? > 0, "it has not begun");
    server.terminate()?;
    refuses(&server).await?;
    let heard = stream.heard().await?;
    ensure!(
        heard.is_whole() && heard.text().contains("piece 30"),
        "{}",
        heard.text()
    );
    let code = server.ended().await?;
    ensure!(code == 0, "{code}: {}", server.stderr());
    ensure!(server.logs("gyre: stopped").await, "{}", server.stderr());
    drop(idle);
    Ok(())
}

#[tokio::test]
async fn what_takes_longer_than_the_drain_is_cut() -> Result<()> {
    let mut server = app("")?.option("--drain", "1").start().await?;
    let mut stream = Socket::ask(&server, &get("/hostile/drip?10000")).await?;
    ensure!(stream.some().await? > 0, "it has not begun");
    server.terminate()?;
    let heard = stream.heard().await?;
    ensure!(!heard.is_whole(), "a cut answer looks like a whole one");
    let code = server.ended().await?;
    ensure!(code == 1, "{code}: {}", server.stderr());
    ensure!(server.logs("hint: --drain").await, "{}", server.stderr());
    Ok(())
}
