//! One stream of one sandbox, as WASI 0.2 and 0.3 write to it. It never waits and never fails.

use super::{Lines, Sink};
use bytes::Bytes;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::io::AsyncWrite;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

/// Bytes that a guest is let to write at once.
const WRITE_BYTES_MAX: usize = 64 * 1024;

/// The stream, of which a guest may have several handles.
#[derive(Clone)]
pub(crate) struct GuestStream(Arc<Shared>);

struct Shared {
    lines: Mutex<Lines>,
    sink: Sink,
}

impl GuestStream {
    pub(super) fn new(sink: Sink) -> Self {
        Self(Arc::new(Shared {
            lines: Mutex::default(),
            sink,
        }))
    }

    fn push(&self, piece: &[u8]) {
        let mut lines = self.0.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(piece, |line| self.0.sink.take(line));
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let lines = self.lines.get_mut().unwrap_or_else(PoisonError::into_inner);
        lines.finish(|line| self.sink.take(line));
    }
}

impl IsTerminal for GuestStream {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for GuestStream {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl AsyncWrite for GuestStream {
    fn poll_write(self: Pin<&mut Self>, _cx: &mut Context<'_>, piece: &[u8]) -> Poll<io::Result<usize>> {
        self.push(piece);
        Poll::Ready(Ok(piece.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[async_trait]
impl Pollable for GuestStream {
    async fn ready(&mut self) {}
}

#[async_trait]
impl OutputStream for GuestStream {
    fn write(&mut self, piece: Bytes) -> StreamResult<()> {
        self.push(&piece);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(WRITE_BYTES_MAX)
    }
}
