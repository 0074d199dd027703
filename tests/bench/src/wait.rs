//! Runs that have begun to answer and then wait.

use crate::scenario::Scenario;
use crate::streams::{self, Streams};
use anyhow::{Context, Result, ensure};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Runs that are started at once.
const AT_ONCE: usize = 8;
const BEGIN_WAIT: Duration = Duration::from_secs(60);
const HEAD_BYTES_MAX: usize = 64 << 10;
/// The double says this first.
pub(crate) const INTRODUCTION: &str = "I am a double";

/// A run that waits; dropping it ends it.
pub(crate) struct Held {
    _alive: Box<dyn Send>,
}

impl Held {
    pub(crate) fn new(alive: impl Send + 'static) -> Self {
        Self {
            _alive: Box::new(alive),
        }
    }
}

/// How runs come to the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// Each by a connection of its own.
    Connections,
    /// Many by one connection of HTTP/2.
    Streams,
}

/// Starts `count` more; gives those that began to answer, and how many did not.
pub(crate) async fn hold(
    address: SocketAddr,
    scenario: &'static Scenario,
    arrival: Arrival,
    count: usize,
) -> (Vec<Held>, usize) {
    let mut under_way = JoinSet::new();
    let mut streams = Streams::default();
    let (mut held, mut failed) = (Vec::with_capacity(count), 0);
    for started in 0..count {
        if started >= AT_ONCE {
            take(&mut under_way, &mut held, &mut failed).await;
        }
        match arrival {
            Arrival::Connections => {
                let request = scenario.request(address);
                under_way.spawn(in_time(begin(address, request)));
            }
            Arrival::Streams => {
                let connection = streams.next(address).await;
                under_way.spawn(in_time(async move {
                    streams::begin(connection?, address, scenario).await
                }));
            }
        }
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

async fn in_time(begun: impl Future<Output = Result<Held>>) -> Result<Held> {
    tokio::time::timeout(BEGIN_WAIT, begun)
        .await
        .context("it said nothing in time")?
}

async fn begin(address: SocketAddr, request: String) -> Result<Held> {
    let mut connection = TcpStream::connect(address).await.context("cannot connect")?;
    connection.write_all(request.as_bytes()).await?;
    first_words(&mut connection).await?;
    Ok(Held::new(connection))
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
