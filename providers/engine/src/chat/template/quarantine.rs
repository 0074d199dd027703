//! Templates that had to be stopped in this process: what each took is lost, so none is run twice.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// As few as there are purses: each of these has emptied one.
static STOPPED: Mutex<Vec<Arc<str>>> = Mutex::new(Vec::new());

pub(super) fn add(source: &Arc<str>) {
    stopped().push(Arc::clone(source));
}

pub(super) fn holds(source: &str) -> bool {
    stopped().iter().any(|it| **it == *source)
}

fn stopped() -> MutexGuard<'static, Vec<Arc<str>>> {
    STOPPED.lock().unwrap_or_else(PoisonError::into_inner)
}
