//! The time bound, on the wait for an answer and on the answer's stream.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures::future::{Either, select};
use http_body::{Body, Frame};
use spin_sdk::wasip3::http::types::ErrorCode;
use spin_sdk::wasip3::http_compat::IncomingResponseBody;

/// A point in time that passes once.
pub(crate) struct Deadline(Pin<Box<dyn Future<Output = ()> + Send>>);

impl Deadline {
    pub(crate) fn after(time: Duration) -> Self {
        Self(Box::pin(spin_sdk::time::sleep(time)))
    }

    /// The future's output, unless the deadline comes first.
    pub(crate) async fn or<F: Future>(&mut self, future: F) -> Option<F::Output> {
        match select(std::pin::pin!(future), &mut self.0).await {
            Either::Left((output, _)) => Some(output),
            Either::Right(_) => None,
        }
    }
}

/// A body that fails, and so visibly cuts its stream, when the deadline passes.
pub(crate) struct Bounded {
    pub(crate) body: IncomingResponseBody,
    pub(crate) deadline: Deadline,
}

impl Body for Bounded {
    type Data = Bytes;
    type Error = ErrorCode;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            return Poll::Ready(frame);
        }
        match self.deadline.0.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Some(Err(ErrorCode::HttpResponseTimeout))),
            Poll::Pending => Poll::Pending,
        }
    }
}
