//! How many sandboxes run at once. Nothing waits: a chained call that waited for its own caller would never end.

use crate::CallError;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Leave to run one sandbox, given back when dropped.
pub(crate) type Permit = OwnedSemaphorePermit;

pub(crate) struct Admission(Arc<Semaphore>);

impl Admission {
    pub(crate) fn new(sandboxes_max: u32) -> Self {
        Self(Arc::new(Semaphore::new(sandboxes_max as usize)))
    }

    pub(crate) fn enter(&self) -> Result<Permit, CallError> {
        Arc::clone(&self.0)
            .try_acquire_owned()
            .map_err(|_closed_or_full| CallError::Overloaded {
                retry_after: RETRY_AFTER,
            })
    }
}
