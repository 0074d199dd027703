//! How long a sandbox computes: the time its host thread is busy with it. Waiting costs nothing.

use crate::engine::TICK;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

/// A guest gives way after a tick. A slice that lasted longer was pushed aside by other processes: that is not its fault.
const SLICE_MAX: Duration = TICK.saturating_mul(2);

/// It has computed for as long as it may.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Exhausted;

/// Drives `future` until it has computed for `computing_max`, to within a tick.
pub(crate) async fn metered<F: Future>(future: F, computing_max: Duration) -> Result<F::Output, Exhausted> {
    let mut future = pin!(future);
    let mut used = Duration::ZERO;
    poll_fn(|cx| {
        let begun = Instant::now();
        let polled = future.as_mut().poll(cx);
        used += begun.elapsed().min(SLICE_MAX);
        match polled {
            Poll::Ready(output) => Poll::Ready(Ok(output)),
            Poll::Pending if used >= computing_max => Poll::Ready(Err(Exhausted)),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computes for a while and gives way, so many times.
    async fn compute(slices: u32, slice: Duration) {
        for _ in 0..slices {
            let begun = Instant::now();
            while begun.elapsed() < slice {
                std::hint::spin_loop();
            }
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn computing_is_counted_and_waiting_is_not() {
        let (slice, max) = (Duration::from_millis(5), Duration::from_millis(200));
        assert_eq!(metered(compute(10_000, slice), max).await, Err(Exhausted));
        assert_eq!(metered(compute(2, slice), max).await, Ok(()));
        let waiting = async {
            for _ in 0..30 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        assert_eq!(metered(waiting, max).await, Ok(()));
    }
}
