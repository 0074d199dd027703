//! Clients that send nonsense, too much, too slowly, or leave.

use super::socket::{Socket, get};
use super::{app, failure, is_free, quiet_answers};
use anyhow::{Context, Result, ensure};
use gyre_test_support::{Server, exchange};
use std::time::Duration;

const TIGHT: &str = "request_ms_max = 2500\nrequest_bytes_max = 1000000\ncalls_max = 1";
const GIGABYTE: u64 = 1_000_000_000;

fn headers(count: usize, bytes: usize) -> String {
    let mut request = "GET /quiet/ok HTTP/1.1\r\nhost: x\r\nconnection: close\r\n".to_owned();
    for number in 0..count {
        request += &format!("x-{number}: {}\r\n", "y".repeat(bytes));
    }
    request + "\r\n"
}

#[tokio::test]
async fn nonsense_is_refused_and_the_next_is_answered() -> Result<()> {
    let server = app("")?.start().await?;
    for (what, request, status) in [
        ("few headers", headers(50, 10), 200),
        ("many headers", headers(200, 10), 431),
        ("a long header", headers(1, 200_000), 431),
        ("no HTTP", "\u{1}\u{2}\u{3} nothing\r\n\r\n".to_owned(), 400),
        ("no version", "GET /quiet/ok\r\n\r\n".to_owned(), 400),
        (
            "two lengths",
            "POST /quiet/ok HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab"
                .to_owned(),
            400,
        ),
    ] {
        let answer = exchange(server.address(), request.into_bytes())
            .await
            .context(what)?;
        ensure!(answer.status == status, "{what}: {answer:?}");
        quiet_answers(&server).await.context(what)?;
    }
    let three = "GET /quiet/ok HTTP/1.1\r\nhost: x\r\n\r\n".repeat(2) + &get("/quiet/ok");
    let heard = Socket::ask(&server, &three).await?.heard().await?;
    let answers = heard.text().matches("HTTP/1.1 200").count();
    ensure!(answers == 3, "pipelined: {answers} of 3: {}", heard.text());
    Ok(())
}

#[tokio::test]
async fn a_body_that_is_too_long_is_not_taken() -> Result<()> {
    let server = app(TIGHT)?.start().await?;
    let head = "POST /hostile/read HTTP/1.1\r\nhost: x\r\nconnection: close\r\n";
    let declared = format!("{head}content-length: {GIGABYTE}\r\n\r\n");
    let answer = exchange(server.address(), declared.into_bytes()).await?;
    ensure!(answer.status == 413, "{answer:?}");
    failure(&server, &answer.json()?, 413, "too-large").await?;
    is_free(&server).await?;
    // A body that does not say its length, for as long as the server takes it.
    let mut socket = Socket::ask(&server, &format!("{head}transfer-encoding: chunked\r\n\r\n")).await?;
    let chunk = format!("10000\r\n{}\r\n", "z".repeat(0x10000));
    let mut sent = 0;
    while sent < GIGABYTE && socket.say(chunk.as_bytes()).await.is_ok() {
        sent += 0x10000;
    }
    ensure!(sent < 100_000_000, "it took {sent} bytes");
    is_free(&server).await?;
    // A body that nobody reads holds nobody up.
    let unread = head.replace("/read", "/ok") + "content-length: 900000\r\n\r\n" + &"u".repeat(900_000);
    let answer = exchange(server.address(), unread.into_bytes()).await?;
    ensure!(answer.status == 200, "{answer:?}");
    is_free(&server).await?;
    let whole = format!("{head}content-length: 5\r\n\r\nhello");
    let answer = exchange(server.address(), whole.into_bytes()).await?;
    ensure!(answer.status == 200 && answer.json()?["bytes"] == 5, "{answer:?}");
    Ok(())
}

#[tokio::test]
async fn a_slow_writer_has_as_long_as_a_request_may_take() -> Result<()> {
    let server = app(TIGHT)?.start().await?;
    let head = "POST /hostile/read HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 1000\r\n\r\n";
    let (mut reader, mut writer) = Socket::ask(&server, head).await?.0.into_split();
    let writing = tokio::spawn(async move {
        use tokio::io::AsyncWriteExt;
        while writer.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let mut answer = String::new();
    use tokio::io::AsyncReadExt;
    // A reset after the answer is no failure.
    let _ = tokio::time::timeout(Duration::from_secs(30), reader.read_to_string(&mut answer)).await?;
    ensure!(answer.starts_with("HTTP/1.1 504"), "{answer}");
    writing.abort();
    is_free(&server).await
}

#[tokio::test]
async fn a_reader_that_does_not_read_holds_no_sandbox() -> Result<()> {
    let server = app("request_ms_max = 2500\ncalls_max = 1\nresponse_bytes_max = 1000000000000")?
        .start()
        .await?;
    let mut slow = Socket::ask(&server, &get("/hostile/endless")).await?;
    ensure!(slow.some().await? > 0, "it has not begun");
    is_free(&server).await?;
    let heard = slow.heard().await?;
    ensure!(!heard.is_whole(), "a cut answer looks like a whole one");
    Ok(())
}

#[tokio::test]
async fn a_client_that_leaves_takes_its_sandbox_along() -> Result<()> {
    // No limit of time ends these.
    let server = app("calls_max = 1\nrequest_ms_max = 600000\ncpu_ms_max = 600000")?
        .start()
        .await?;
    for deed in ["drip?10000", "silent-after-head", "loop-after-head", "endless"] {
        let mut leaving = Socket::ask(&server, &get(&format!("/hostile/{deed}"))).await?;
        ensure!(leaving.some().await? > 0, "{deed} has not begun");
        drop(leaving);
        is_free(&server).await.with_context(|| deed.to_owned())?;
    }
    for deed in ["silent", "loop"] {
        let leaving = begun(&server, deed).await.with_context(|| deed.to_owned())?;
        drop(leaving);
        is_free(&server).await.with_context(|| deed.to_owned())?;
    }
    Ok(())
}

/// A call that says nothing, and is the one that it answers at a time: whoever asks meanwhile is turned away.
async fn begun(server: &Server, deed: &str) -> Result<Socket> {
    for _ in 0..20 {
        let socket = Socket::ask(server, &get(&format!("/hostile/{deed}"))).await?;
        tokio::time::sleep(Duration::from_millis(100)).await;
        if server.get("/hostile/ok").await?.0 == 429 {
            return Ok(socket);
        }
    }
    anyhow::bail!("it has not begun")
}
