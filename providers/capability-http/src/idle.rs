//! The body of an answer from outside, which fails when nothing comes for too long.

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Sleep;
use wasmtime_wasi_http::Error;

pub(crate) struct IdleBody {
    /// `None` once it has failed: what it held of the connection is let go at once.
    open: Option<(Incoming, OwnedSemaphorePermit)>,
    wait: Duration,
    /// Runs while the next frame is waited for.
    timer: Option<Pin<Box<Sleep>>>,
}

impl IdleBody {
    pub(crate) fn new(body: Incoming, wait: Duration, permit: OwnedSemaphorePermit) -> Self {
        Self {
            open: Some((body, permit)),
            wait,
            timer: None,
        }
    }
}

impl Body for IdleBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        let Some((body, _permit)) = this.open.as_mut() else {
            return Poll::Ready(None);
        };
        if let Poll::Ready(frame) = Pin::new(body).poll_frame(cx) {
            this.timer = None;
            return Poll::Ready(frame.map(|frame| frame.map_err(Error::from)));
        }
        let wait = this.wait;
        let timer = this
            .timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(wait)));
        ready!(timer.as_mut().poll(cx));
        this.open = None;
        Poll::Ready(Some(Err(Error::ConnectionReadTimeout)))
    }

    fn is_end_stream(&self) -> bool {
        self.open.as_ref().is_none_or(|(body, _)| body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.open
            .as_ref()
            .map_or_else(SizeHint::default, |(body, _)| body.size_hint())
    }
}
