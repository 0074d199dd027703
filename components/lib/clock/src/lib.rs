//! The time: what it is, by the wall clock, and waiting with a bound, by the monotonic one.

use std::pin::pin;
use std::time::{SystemTime, UNIX_EPOCH};

use futures::future::{Either, select};
use spin_sdk::wasip3::clocks::monotonic_clock;

const NS_PER_MS: u64 = 1_000_000;

/// Milliseconds since the Unix epoch; 0 before it.
#[must_use]
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Pauses.
pub async fn sleep(ms: u64) {
    monotonic_clock::wait_for(ms.saturating_mul(NS_PER_MS)).await;
}

/// What `work` gives, unless it takes longer; then it is dropped.
pub async fn within<F: Future>(ms: u64, work: F) -> Option<F::Output> {
    match select(pin!(work), pin!(sleep(ms))).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(_) => None,
    }
}
