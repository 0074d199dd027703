//! Instances that wait for the next request of their component, where its policy is `reuse`: few, and not for long.

use crate::instance::Instance;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

/// Instances of one component that wait at once.
pub(crate) const IDLE_MAX: u32 = 16;
/// Requests that one instance answers.
const USES_MAX: u32 = 128;
/// One is used within this time or not again. It holds the whole application by its way to its neighbours, so it must go.
const IDLE_TIME_MAX: Duration = Duration::from_secs(1);

/// The instances of one component that wait. Each is taken by one request at a time.
#[derive(Default)]
pub(crate) struct Idle(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    /// Oldest first.
    instances: Vec<(Instant, Instance)>,
    /// A task ends those that wait too long.
    swept: bool,
}

impl Idle {
    /// The instance that was used last: its memory is the warmest, and the others may end.
    pub(crate) fn take(&self) -> Option<Instance> {
        let (since, instance) = self.lock(|waiting| waiting.instances.pop())?;
        (since.elapsed() < IDLE_TIME_MAX).then_some(instance)
    }

    /// Keeps an instance that is at rest, or ends it where there are enough or it has had its share.
    pub(crate) fn keep(self: &Arc<Self>, instance: Instance) {
        if instance.uses() >= USES_MAX {
            return;
        }
        let (refused, begins) = self.lock(|waiting| {
            if waiting.instances.len() >= IDLE_MAX as usize {
                return (Some(instance), false);
            }
            waiting.instances.push((Instant::now(), instance));
            (None, !std::mem::replace(&mut waiting.swept, true))
        });
        // Ended out of the lock: giving memory back takes a while.
        drop(refused);
        if begins {
            tokio::spawn(sweep(Arc::downgrade(self)));
        }
    }

    /// Takes out what has waited too long; says whether any is left.
    fn expire(&self) -> bool {
        let (expired, left) = self.lock(|waiting| {
            let fresh = waiting
                .instances
                .partition_point(|(since, _)| since.elapsed() >= IDLE_TIME_MAX);
            let expired: Vec<_> = waiting.instances.drain(..fresh).collect();
            waiting.swept = !waiting.instances.is_empty();
            (expired, waiting.swept)
        });
        drop(expired);
        left
    }

    fn lock<T>(&self, work: impl FnOnce(&mut Waiting) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Ends instances that wait too long, while there are any.
async fn sweep(idle: Weak<Idle>) {
    loop {
        tokio::time::sleep(IDLE_TIME_MAX).await;
        match idle.upgrade() {
            Some(idle) if idle.expire() => {}
            _ => return,
        }
    }
}
