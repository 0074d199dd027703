//! Runs that arrive as streams of few connections (HTTP/2 without TLS), as from a proxy.

use crate::scenario::Scenario;
use crate::wait::{Held, INTRODUCTION};
use anyhow::{Context, Result, bail};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http2::{self, SendRequest};
use hyper::header::CONTENT_TYPE;
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::net::SocketAddr;
use tokio::net::TcpStream;

/// Streams of one connection; the host takes a few more.
const STREAMS_MAX: usize = 100;

/// A way to the host that takes many runs.
#[derive(Default)]
pub(crate) struct Streams {
    connection: Option<SendRequest<Full<Bytes>>>,
    used: usize,
}

impl Streams {
    /// A connection with room for one more run.
    pub(crate) async fn next(&mut self, address: SocketAddr) -> Result<SendRequest<Full<Bytes>>> {
        if self.used == STREAMS_MAX {
            *self = Self::default();
        }
        self.used += 1;
        if let Some(connection) = &self.connection {
            return Ok(connection.clone());
        }
        let stream = TcpStream::connect(address).await.context("cannot connect")?;
        let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await?;
        // How it ends is told to each of its streams.
        tokio::spawn(connection);
        Ok(self.connection.insert(sender).clone())
    }
}

/// Starts a run and waits for its first words.
pub(crate) async fn begin(
    mut connection: SendRequest<Full<Bytes>>,
    address: SocketAddr,
    scenario: &'static Scenario,
) -> Result<Held> {
    let request = hyper::Request::post(format!("http://{address}{}", scenario.path))
        .header(CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from_static(scenario.body.as_bytes())))?;
    connection.ready().await?;
    let mut answer = connection.send_request(request).await?;
    if answer.status() != 200 {
        let status = answer.status();
        let text = answer.into_body().collect().await?.to_bytes();
        bail!("status {status}: {}", String::from_utf8_lossy(&text));
    }
    let mut text = Vec::new();
    while !String::from_utf8_lossy(&text).contains(INTRODUCTION) {
        let frame = answer.body_mut().frame().await.context("it ended")??;
        text.extend_from_slice(&frame.into_data().unwrap_or_default());
    }
    Ok(Held::new((connection, answer)))
}
