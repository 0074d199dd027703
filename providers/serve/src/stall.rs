//! A socket whose reader must read: one that takes next to nothing is cut, so that it holds no connection for ever.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// What a reader must take of an answer that waits for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) bytes_min: usize,
    pub(crate) window: Duration,
}

/// A stream that fails a write when its reader falls below the pace.
pub(crate) struct Paced<S> {
    stream: S,
    pace: Pace,
    /// There since a write had to wait, until enough is written or all is.
    window: Option<Window>,
}

struct Window {
    end: Pin<Box<Sleep>>,
    bytes: usize,
}

impl<S> Paced<S> {
    pub(crate) fn new(stream: S, pace: Pace) -> Self {
        Self {
            stream,
            pace,
            window: None,
        }
    }

    fn written(&mut self, bytes: usize) {
        if let Some(window) = &mut self.window {
            window.bytes += bytes;
            if window.bytes >= self.pace.bytes_min {
                self.window = None;
            }
        }
    }

    /// Waits with the writer, and fails where the window ends first.
    fn poll_waiting(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let pace = self.pace;
        let window = self.window.get_or_insert_with(|| Window {
            end: Box::pin(tokio::time::sleep(pace.window)),
            bytes: 0,
        });
        ready!(window.end.as_mut().poll(cx));
        Poll::Ready(Err(io::Error::new(
            io::ErrorKind::TimedOut,
            "the client does not read",
        )))
    }

    fn after_write(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(bytes)) => {
                self.written(bytes);
                Poll::Ready(Ok(bytes))
            }
            Poll::Ready(error) => Poll::Ready(error),
            Poll::Pending => self.poll_waiting(cx),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.after_write(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.after_write(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Whoever flushes has written all there was: the next answer has a window of its own.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.window = None;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::{Pace, Paced};
    use std::io::ErrorKind;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    const PACE: Pace = Pace {
        bytes_min: 100,
        window: Duration::from_millis(100),
    };

    #[tokio::test]
    async fn a_reader_that_takes_nothing_or_next_to_nothing_is_cut() {
        for bytes_read in [0, 1] {
            let (mut reader, writer) = duplex(64);
            let mut writer = Paced::new(writer, PACE);
            let trickle = tokio::spawn(async move {
                let mut one = vec![0; bytes_read];
                loop {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    if reader.read_exact(&mut one).await.is_err() {
                        return;
                    }
                }
            });
            let error = writer.write_all(&[0; 100_000]).await.expect_err("it was cut");
            assert_eq!(error.kind(), ErrorKind::TimedOut, "{bytes_read}");
            trickle.abort();
        }
    }

    #[tokio::test]
    async fn a_reader_that_keeps_the_pace_reads_to_the_end_however_long_it_takes() {
        let (mut reader, writer) = duplex(1_000);
        let mut writer = Paced::new(writer, PACE);
        let reading = tokio::spawn(async move {
            let mut bytes = vec![0; 1_000];
            for _ in 0..30 {
                tokio::time::sleep(Duration::from_millis(10)).await;
                reader.read_exact(&mut bytes).await.expect("the next");
            }
            reader
        });
        writer.write_all(&[0; 30_000]).await.expect("the pace is kept");
        writer.flush().await.expect("a flush");
        let _reader = reading.await.expect("a reader");
        // A pause between two answers is no stall.
        tokio::time::sleep(PACE.window * 2).await;
        writer.write_all(&[0; 500]).await.expect("the next answer");
    }
}
