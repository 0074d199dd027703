//! What no HTTP library would send, and how it really ends.

use anyhow::{Context, Result};
use gyre_test_support::Server;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longer than any bound of the server on a connection.
const END_WAIT: Duration = Duration::from_secs(40);

/// A connection.
pub(super) struct Socket(pub(super) TcpStream);

/// All that came before the end.
pub(super) struct Heard {
    pub(super) bytes: Vec<u8>,
}

/// A request that closes its connection.
pub(super) fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
}

impl Socket {
    pub(super) async fn open(server: &Server) -> Result<Self> {
        let stream = TcpStream::connect(server.address()).await;
        Ok(Self(stream.context("cannot connect")?))
    }

    /// Opens a connection and sends this.
    pub(super) async fn ask(server: &Server, request: &str) -> Result<Self> {
        let mut socket = Self::open(server).await?;
        socket.say(request.as_bytes()).await?;
        Ok(socket)
    }

    pub(super) async fn say(&mut self, bytes: &[u8]) -> Result<()> {
        self.0.write_all(bytes).await.context("the connection is gone")
    }

    /// Reads until the other side ends it, cleanly or not.
    pub(super) async fn heard(&mut self) -> Result<Heard> {
        let mut bytes = Vec::new();
        let read = tokio::time::timeout(END_WAIT, self.0.read_to_end(&mut bytes)).await;
        // A reset is an end as well.
        let _ = read.with_context(|| {
            format!(
                "the connection stays open after {:?}",
                String::from_utf8_lossy(&bytes)
            )
        })?;
        Ok(Heard { bytes })
    }

    /// Reads some of what came.
    pub(super) async fn some(&mut self) -> Result<usize> {
        let mut bytes = [0; 1024];
        let read = tokio::time::timeout(END_WAIT, self.0.read(&mut bytes)).await;
        read.context("nothing came")?.context("the connection is gone")
    }
}

impl Heard {
    pub(super) fn text(&self) -> String {
        let shown = &self.bytes[..self.bytes.len().min(4_000)];
        String::from_utf8_lossy(shown).into_owned()
    }

    /// The status of the first answer.
    pub(super) fn status(&self) -> Option<u16> {
        self.text().split(' ').nth(1)?.parse().ok()
    }

    /// A chunked answer that says that it has ended.
    pub(super) fn is_whole(&self) -> bool {
        self.bytes.ends_with(b"\r\n0\r\n\r\n")
    }
}
