//! The budget of time that a request has.

use spin_sdk::wasip3::clocks::monotonic_clock;

const NS_PER_MS: u64 = 1_000_000;

/// When it is over, by the monotonic clock; never, where there is none.
#[derive(Clone, Copy)]
pub(crate) struct Patience(Option<u64>);

/// It is over.
pub(crate) struct Over;

impl Patience {
    /// Of a request that arrived now.
    pub(crate) fn new(time_ms_max: Option<u64>) -> Self {
        let end = |ms: u64| monotonic_clock::now().saturating_add(ms.saturating_mul(NS_PER_MS));
        Self(time_ms_max.map(end))
    }

    /// Waits so long, or until it is over.
    pub(crate) async fn wait(self, ms: u64) -> Result<(), Over> {
        let wanted = ms * NS_PER_MS;
        let left = self.0.map(|end| end.saturating_sub(monotonic_clock::now()));
        monotonic_clock::wait_for(left.map_or(wanted, |left| left.min(wanted))).await;
        match left {
            Some(left) if left <= wanted => Err(Over),
            _ => Ok(()),
        }
    }
}
