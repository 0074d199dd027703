//! A response body that ends cleanly only when its sandbox did, and ends the sandbox when it is dropped.

use crate::CallError;
use crate::service::Service;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use wasmtime_wasi_http::{Error, WasiBody};

/// Aborts the task of a sandbox when dropped, which drops its store and all it holds.
pub(crate) struct TaskGuard(pub(crate) JoinHandle<()>);

impl Drop for TaskGuard {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// How the sandbox behind a body ends.
pub(crate) struct Outcome {
    pub(crate) _task: TaskGuard,
    pub(crate) result: oneshot::Receiver<Result<(), CallError>>,
}

pub(crate) struct SandboxBody {
    inner: WasiBody,
    /// `None` once the end of the sandbox is known.
    outcome: Option<Outcome>,
    service: Arc<Service>,
    bytes_left: u64,
}

impl SandboxBody {
    pub(crate) fn new(inner: WasiBody, service: &Arc<Service>, outcome: Outcome) -> Self {
        Self {
            inner,
            outcome: Some(outcome),
            service: Arc::clone(service),
            bytes_left: service.limits.response_bytes_max,
        }
    }

    fn fail(&mut self, error: &CallError) -> Error {
        self.outcome = None;
        error.report();
        Error::InternalError(Some(error.to_string()))
    }

    fn count(&mut self, frame: Frame<Bytes>) -> Result<Frame<Bytes>, Error> {
        let bytes = frame.data_ref().map_or(0, |data| data.len() as u64);
        match self.bytes_left.checked_sub(bytes) {
            Some(left) => {
                self.bytes_left = left;
                Ok(frame)
            }
            None => {
                let error = self.service.too_large();
                Err(self.fail(&error))
            }
        }
    }

    /// The guest closed its stream: is that the end, or has the sandbox failed?
    fn poll_outcome(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let Some(outcome) = self.outcome.as_mut() else {
            return Poll::Ready(None);
        };
        let result = ready!(Pin::new(&mut outcome.result).poll(cx));
        self.outcome = None;
        Poll::Ready(match result {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(Err(self.fail(&error))),
            Err(_task_gone) => {
                let error = self
                    .service
                    .failed(wasmtime::format_err!("the task of the sandbox ended"));
                Some(Err(self.fail(&error)))
            }
        })
    }
}

impl Body for SandboxBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match ready!(Pin::new(&mut self.inner).poll_frame(cx)) {
            Some(Ok(frame)) => Poll::Ready(Some(self.count(frame))),
            Some(Err(error)) => Poll::Ready(Some(Err(error))),
            None => self.poll_outcome(cx),
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
