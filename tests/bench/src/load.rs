//! Requests as fast as they are answered, over a number of connections that stay open.

use anyhow::{Context, Result, ensure};
use hdrhistogram::Histogram;
use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

const LATENCY_US_MAX: u64 = 60_000_000;

/// What to ask, and what the only right answer is.
#[derive(Clone)]
pub(crate) struct Question {
    pub(crate) address: SocketAddr,
    pub(crate) path: String,
    pub(crate) expected: Bytes,
}

/// What a round gave.
pub(crate) struct Round {
    pub(crate) latency_us: Histogram<u64>,
    /// Answers that were not the expected one, and requests without an answer.
    pub(crate) failures: u64,
    pub(crate) seconds: f64,
}

impl Round {
    pub(crate) fn per_second(&self) -> f64 {
        self.latency_us.len() as f64 / self.seconds
    }
}

/// The answer, once: what every later one is held against.
pub(crate) async fn ask_once(address: SocketAddr, path: &str) -> Result<Bytes> {
    let mut connection = connect(address).await?;
    let (status, body) = ask(&mut connection, address, path).await?;
    ensure!(
        status == 200,
        "{path}: status {status}: {}",
        String::from_utf8_lossy(&body)
    );
    Ok(body)
}

/// Asks for a while over `connections` connections.
pub(crate) async fn round(question: &Question, connections: usize, time: Duration) -> Result<Round> {
    let began = Instant::now();
    let clients: Vec<_> = (0..connections)
        .map(|_| tokio::spawn(client(question.clone(), began + time)))
        .collect();
    let mut whole = Round {
        latency_us: Histogram::new_with_bounds(1, LATENCY_US_MAX, 3)?,
        failures: 0,
        seconds: 0.0,
    };
    for client in clients {
        let (latency_us, failures) = client.await.context("a client panicked")??;
        whole.latency_us.add(latency_us)?;
        whole.failures += failures;
    }
    whole.seconds = began.elapsed().as_secs_f64();
    Ok(whole)
}

async fn client(question: Question, until: Instant) -> Result<(Histogram<u64>, u64)> {
    let mut latency_us = Histogram::new_with_bounds(1, LATENCY_US_MAX, 3)?;
    let mut failures = 0;
    let mut connection = connect(question.address).await?;
    while Instant::now() < until {
        let began = Instant::now();
        match ask(&mut connection, question.address, &question.path).await {
            Ok((200, body)) if body == question.expected => {
                let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(LATENCY_US_MAX);
                latency_us.saturating_record(micros.max(1));
            }
            Ok(_) => failures += 1,
            Err(_closed) => {
                failures += 1;
                connection = connect(question.address).await?;
            }
        }
    }
    Ok((latency_us, failures))
}

async fn connect(address: SocketAddr) -> Result<SendRequest<Empty<Bytes>>> {
    let stream = TcpStream::connect(address).await.context("cannot connect")?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(async move {
        // Its end is seen by the sender.
        let _ = connection.await;
    });
    Ok(sender)
}

async fn ask(
    connection: &mut SendRequest<Empty<Bytes>>,
    address: SocketAddr,
    path: &str,
) -> Result<(u16, Bytes)> {
    connection.ready().await?;
    let request = Request::get(path)
        .header("host", address.to_string())
        .body(Empty::new())?;
    let response = connection.send_request(request).await?;
    let status = response.status().as_u16();
    Ok((status, response.into_body().collect().await?.to_bytes()))
}
