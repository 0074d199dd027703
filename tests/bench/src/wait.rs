//! Runs that have begun to answer and then wait.

use crate::scenario::Scenario;
use anyhow::{Context, Result, ensure};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Runs that are started at once.
const AT_ONCE: usize = 32;
const BEGIN_WAIT: Duration = Duration::from_secs(60);
const HEAD_BYTES_MAX: usize = 64 << 10;
/// The double says this first.
const INTRODUCTION: &str = "double";

/// A run that waits; dropping it ends it.
pub(crate) struct Held {
    _connection: TcpStream,
}

/// Starts `count` more; gives those that began to answer, and how many did not.
pub(crate) async fn hold(address: SocketAddr, scenario: &Scenario, count: usize) -> (Vec<Held>, usize) {
    let mut under_way = JoinSet::new();
    let (mut held, mut failed) = (Vec::with_capacity(count), 0);
    for started in 0..count {
        if started >= AT_ONCE {
            take(&mut under_way, &mut held, &mut failed).await;
        }
        let request = scenario.request(address);
        under_way.spawn(begin(address, request));
    }
    while !under_way.is_empty() {
        take(&mut under_way, &mut held, &mut failed).await;
    }
    (held, failed)
}

async fn take(under_way: &mut JoinSet<Result<Held>>, held: &mut Vec<Held>, failed: &mut usize) {
    match under_way.join_next().await {
        Some(Ok(Ok(one))) => held.push(one),
        Some(Ok(Err(error))) => {
            if *failed == 0 {
                eprintln!("a run did not begin: {error:#}");
            }
            *failed += 1;
        }
        Some(Err(_)) => *failed += 1,
        None => {}
    }
}

async fn begin(address: SocketAddr, request: String) -> Result<Held> {
    let mut connection = TcpStream::connect(address).await.context("cannot connect")?;
    connection.write_all(request.as_bytes()).await?;
    let answer = tokio::time::timeout(BEGIN_WAIT, first_words(&mut connection));
    answer.await.context("it said nothing in time")??;
    Ok(Held {
        _connection: connection,
    })
}

async fn first_words(connection: &mut TcpStream) -> Result<()> {
    let mut answer = Vec::new();
    loop {
        let read = connection.read_buf(&mut answer).await?;
        let text = String::from_utf8_lossy(&answer);
        ensure!(read > 0 && answer.len() < HEAD_BYTES_MAX, "it ended: {text}");
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            ensure!(head.starts_with("HTTP/1.1 200"), "{text}");
            if body.contains(INTRODUCTION) {
                return Ok(());
            }
        }
    }
}
