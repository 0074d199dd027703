//! A response body that ends cleanly only when its sandbox did, and ends the sandbox when it is dropped.

use crate::service::Service;
use crate::{CallError, Failure};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, Sleep, sleep_until};
use wasmtime_wasi_http::{Error, WasiBody};

/// Aborts the task of a sandbox when dropped, which drops its store and all it holds.
pub(crate) struct TaskGuard(Option<JoinHandle<()>>);

impl TaskGuard {
    pub(crate) fn new(task: JoinHandle<()>) -> Self {
        Self(Some(task))
    }

    /// Lets the task run on; its own limits end it.
    fn detach(mut self) {
        self.0 = None;
    }
}

impl Drop for TaskGuard {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

/// How the sandbox behind a body ends.
pub(crate) struct Outcome {
    task: TaskGuard,
    result: oneshot::Receiver<Result<(), Failure>>,
    /// Told when the body is over; `None` once it is told.
    body_over: Option<oneshot::Sender<()>>,
}

impl Outcome {
    pub(crate) fn new(
        task: TaskGuard,
        result: oneshot::Receiver<Result<(), Failure>>,
        body_over: oneshot::Sender<()>,
    ) -> Self {
        Self {
            task,
            result,
            body_over: Some(body_over),
        }
    }

    fn tell_body_over(&mut self) {
        if let Some(body_over) = self.body_over.take() {
            // An instance that is not used again need not know.
            let _ = body_over.send(());
        }
    }
}

pub(crate) struct SandboxBody {
    inner: WasiBody,
    /// `None` once the end of the sandbox is known.
    outcome: Option<Outcome>,
    service: Arc<Service>,
    bytes_left: u64,
    /// When the call has had its time.
    ends: Instant,
    /// Runs once the sandbox, which has a clock of its own, has ended and left a stream that it only handed on.
    clock: Option<Pin<Box<Sleep>>>,
}

impl SandboxBody {
    pub(crate) fn new(inner: WasiBody, service: &Arc<Service>, outcome: Outcome, ends: Instant) -> Self {
        Self {
            ends,
            clock: None,
            inner,
            outcome: Some(outcome),
            service: Arc::clone(service),
            bytes_left: service.limits.response_bytes_max,
        }
    }

    /// Ends the sandbox and reports why.
    fn fail(&mut self, error: CallError) -> Error {
        self.outcome = None;
        Failure::report(error).into()
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
                Err(self.fail(error))
            }
        }
    }

    /// Whether the sandbox has ended, and how. Its task and what that kept are let go at once.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let Some(outcome) = self.outcome.as_mut() else {
            return Poll::Ready(Ok(()));
        };
        let result = ready!(Pin::new(&mut outcome.result).poll(cx));
        self.outcome = None;
        Poll::Ready(match result {
            Ok(Ok(())) => Ok(()),
            // It was reported where it happened.
            Ok(Err(failure)) => Err(failure.into()),
            Err(_task_gone) => {
                let why = wasmtime::format_err!("the task of the sandbox ended");
                let error = self.service.failed(why);
                Err(self.fail(error))
            }
        })
    }

    /// Nothing has come yet. A stream that was handed on may outlive its sandbox, but not the time of the call.
    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<Error> {
        if let Err(error) = ready!(self.poll_end(cx)) {
            return Poll::Ready(error);
        }
        let ends = self.ends;
        let clock = self.clock.get_or_insert_with(|| Box::pin(sleep_until(ends)));
        ready!(clock.as_mut().poll(cx));
        let error = self.service.timed_out();
        Poll::Ready(self.fail(error))
    }
}

impl Body for SandboxBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match Pin::new(&mut self.inner).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => Poll::Ready(Some(self.count(frame))),
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error))),
            // The stream is closed: is that the end, or has the sandbox failed?
            Poll::Ready(None) => {
                if let Some(outcome) = self.outcome.as_mut() {
                    outcome.tell_body_over();
                }
                self.poll_end(cx).map(|ended| ended.err().map(Err))
            }
            Poll::Pending => self.poll_patience(cx).map(|error| Some(Err(error))),
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for SandboxBody {
    fn drop(&mut self) {
        // A reader that knew the length has read to it and never asks for the end: nobody has hung up.
        if self.inner.size_hint().exact() == Some(0)
            && let Some(mut outcome) = self.outcome.take()
        {
            outcome.tell_body_over();
            outcome.task.detach();
        }
    }
}
