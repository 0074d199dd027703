//! A body whose bytes are counted as they pass.

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use prometheus_client::metrics::counter::Counter;
use std::pin::Pin;
use std::task::{Context, Poll};
use wasmtime_wasi_http::{Error, WasiBody};

struct Counted {
    inner: WasiBody,
    bytes: Counter,
}

/// The same body, counted.
pub(crate) fn counted(inner: WasiBody, bytes: &Counter) -> WasiBody {
    let bytes = bytes.clone();
    Counted { inner, bytes }.boxed_unsync()
}

impl Body for Counted {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &polled {
            self.bytes
                .inc_by(frame.data_ref().map_or(0, |data| data.len() as u64));
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::Full;

    #[tokio::test]
    async fn a_counted_body_is_the_same_body() {
        let whole = || {
            Full::new(Bytes::from("abc"))
                .map_err(|never| match never {})
                .boxed_unsync()
        };
        let bytes = Counter::default();
        let body = counted(whole(), &bytes);
        assert_eq!(body.size_hint().exact(), Some(3));
        assert_eq!(bytes.get(), 0);
        assert_eq!(body.collect().await.expect("a body").to_bytes(), "abc");
        assert_eq!(bytes.get(), 3);
    }
}
