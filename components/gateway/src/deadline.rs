//! The time bound on the wait for an answer. Its stream is bounded by those who make it, and by the host.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use futures::future::{Either, select};

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
