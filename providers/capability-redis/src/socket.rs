//! A socket to a Redis server that reads no more than it is allowed: the parser above it keeps a whole reply in memory.

use crate::address::Address;
use crate::failure::ConnectError;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Bytes read at once.
const READ_BYTES_MAX: usize = 64 * 1024;

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// How many bytes may still be read before somebody asks for more.
#[derive(Clone, Debug)]
pub(crate) struct Allowance {
    left: Arc<AtomicU64>,
    bytes_max: u64,
}

impl Allowance {
    /// Allows a reply of `bytes_max`: only the byte after it spends all.
    pub(crate) fn new(bytes_max: u64) -> Self {
        let bytes_max = bytes_max.saturating_add(1);
        Self {
            left: Arc::new(AtomicU64::new(bytes_max)),
            bytes_max,
        }
    }

    /// Allows one whole reply, or message, more.
    pub(crate) fn refill(&self) {
        self.left.store(self.bytes_max, Ordering::Relaxed);
    }

    pub(crate) fn is_spent(&self) -> bool {
        self.left() == 0
    }

    fn left(&self) -> usize {
        usize::try_from(self.left.load(Ordering::Relaxed)).unwrap_or(usize::MAX)
    }

    fn spend(&self, bytes: u64) {
        let spent = |left: u64| Some(left.saturating_sub(bytes));
        // The closure always gives a value.
        let _ = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, spent);
    }
}

/// A connected socket.
pub(crate) struct Socket {
    stream: Box<dyn Stream>,
    allowance: Allowance,
}

impl Socket {
    pub(crate) async fn connect(address: &Address, allowance: Allowance) -> Result<Self, ConnectError> {
        let tcp = TcpStream::connect((address.host.as_str(), address.port)).await?;
        tcp.set_nodelay(true)?;
        let stream: Box<dyn Stream> = if address.tls {
            let name = ServerName::try_from(address.host.clone()).map_err(|_| ConnectError::Name)?;
            Box::new(tls()?.connect(name, tcp).await?)
        } else {
            Box::new(tcp)
        };
        Ok(Self { stream, allowance })
    }
}

/// TLS that trusts the authorities browsers trust.
fn tls() -> Result<TlsConnector, ConnectError> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let left = self.allowance.left();
        if left == 0 {
            return Poll::Ready(Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the server sent more than one reply may have",
            )));
        }
        let room = READ_BYTES_MAX.min(left).min(buffer.remaining());
        let mut read = ReadBuf::new(buffer.initialize_unfilled_to(room));
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut read))?;
        let bytes = read.filled().len();
        buffer.advance(bytes);
        self.allowance.spend(bytes as u64);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test]
    async fn more_than_is_allowed_is_an_error_until_more_is_asked_for() {
        let (mut far, near) = tokio::io::duplex(64);
        let allowance = Allowance::new(3);
        let mut socket = Socket {
            stream: Box::new(near),
            allowance: allowance.clone(),
        };
        far.write_all(b"123456").await.expect("room");
        let mut read = [0; 4];
        socket.read_exact(&mut read).await.expect("allowed");
        assert!(allowance.is_spent());
        let error = socket.read_exact(&mut read).await.expect_err("not allowed");
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        allowance.refill();
        socket.read_exact(&mut read[..2]).await.expect("allowed again");
        assert_eq!(&read[..2], b"56");
    }
}
