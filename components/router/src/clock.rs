//! Waiting with a bound.

use futures::future::{Either, select};
use spin_sdk::wasip3::clocks::monotonic_clock;
use std::pin::pin;

const NS_PER_MS: u64 = 1_000_000;

/// Pauses.
pub(crate) async fn sleep(ms: u64) {
    monotonic_clock::wait_for(ms.saturating_mul(NS_PER_MS)).await;
}

/// What `work` gives, unless it takes longer; then it is dropped.
pub(crate) async fn within<F: Future>(ms: u64, work: F) -> Option<F::Output> {
    match select(pin!(work), pin!(sleep(ms))).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(_) => None,
    }
}
