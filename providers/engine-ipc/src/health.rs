//! Whether the worker is well: deaths in a row and the wait they cost, and the pulse of one that runs.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;

use crate::ModelStats;
use crate::connection::OWN_CALL;
use crate::frame;
use crate::wire::{Call, Request};

const BACKOFF_MIN: Duration = Duration::from_millis(50);
const BACKOFF_MAX: Duration = Duration::from_secs(5);
/// A worker that lived so long did not die of its start.
const HEALTHY_AFTER: Duration = Duration::from_secs(10);
/// So many early deaths in a row are no accident: calls are then refused at once until the next start.
const DEATHS_MAX: u32 = 3;

/// How the last workers ended.
#[derive(Debug, Default)]
pub(crate) struct Health {
    early_deaths: u32,
}

impl Health {
    /// Notes that a worker is gone that lived so long.
    pub(crate) fn died(&mut self, lived: Duration) {
        self.early_deaths = if lived < HEALTHY_AFTER {
            self.early_deaths.saturating_add(1)
        } else {
            1
        };
    }

    /// How long the next start waits.
    pub(crate) fn backoff(&self) -> Duration {
        let doublings = self.early_deaths.saturating_sub(1).min(16);
        (BACKOFF_MIN * 2_u32.pow(doublings)).min(BACKOFF_MAX)
    }

    /// What callers are told meanwhile, when it dies again and again.
    pub(crate) fn crash_loop(&self) -> Option<String> {
        (self.early_deaths >= DEATHS_MAX).then(|| {
            format!(
                "it died {} times in a row soon after its start; the next start is in {} ms",
                self.early_deaths,
                self.backoff().as_millis()
            )
        })
    }
}

/// Asks the worker for a sign of life again and again; returns when there was none for `answer_wait`.
///
/// The worker's reading thread answers, which computes nothing and so is never busy for long.
pub(crate) async fn watch(
    calls: &mpsc::UnboundedSender<Vec<u8>>,
    heard: &AtomicU64,
    answer_wait: Duration,
) -> &'static str {
    loop {
        let before = heard.load(Ordering::Relaxed);
        let ping = frame::encode(&Call {
            id: OWN_CALL,
            request: Request::Stats,
        });
        if let Ok(ping) = ping {
            // Of a worker that ended, the closed pipe tells.
            calls.send(ping).ok();
        }
        tokio::time::sleep(answer_wait).await;
        if heard.load(Ordering::Relaxed) == before {
            return "it hung: it gave no sign of life in time and was killed";
        }
    }
}

/// The counters, for who looks into the log.
pub(crate) fn log(stats: &[ModelStats]) {
    for model in stats {
        tracing::debug!(
            model = model.model,
            steps = model.steps,
            tokens = model.tokens,
            sequences_in_batch_max = model.sequences_in_batch_max,
            sequences_live = model.sequences_live,
            queued = model.queued,
            prefix_hits = model.prefix_hits,
            prefix_tokens_reused = model.prefix_tokens_reused,
            prefix_evictions = model.prefix_evictions,
            preemptions = model.preemptions,
            "what a model did so far"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn early_deaths_wait_longer_and_then_are_told() {
        let mut health = Health::default();
        let mut waits = Vec::new();
        for death in 1..=12 {
            health.died(Duration::from_millis(5));
            waits.push(health.backoff());
            assert_eq!(health.crash_loop().is_some(), death >= DEATHS_MAX, "{death}");
        }
        assert_eq!(waits[0], BACKOFF_MIN);
        assert!(waits.windows(2).all(|pair| pair[0] <= pair[1]), "{waits:?}");
        assert_eq!(waits[11], BACKOFF_MAX);
        health.died(HEALTHY_AFTER);
        assert_eq!((health.backoff(), health.crash_loop()), (BACKOFF_MIN, None));
    }
}
