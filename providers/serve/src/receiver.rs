//! A component and the messages that wait for it: in order, one after another, and no more than there is room for.

use crate::app::App;
use crate::{CallError, Failure};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// Messages that wait for one component of one channel.
const WAITING_MAX: usize = 1_024;
/// Bytes of theirs.
const WAITING_BYTES_MAX: u32 = 16 * 1024 * 1024;
/// While all sandboxes are in use, a message asks again after this.
const ROOM_POLL: Duration = Duration::from_millis(20);

struct Waiting {
    payload: Vec<u8>,
    /// Given back when the message has been handled.
    _bytes: OwnedSemaphorePermit,
}

/// Where the messages of a channel go for one component.
pub(crate) struct Receiver {
    component: String,
    channel: String,
    queue: mpsc::Sender<Waiting>,
    bytes: Arc<Semaphore>,
    dropped: AtomicU64,
}

impl Receiver {
    /// The receiver, and the work that hands on what it gets. The work ends with the receiver and its last message.
    pub(crate) fn new(
        app: Arc<App>,
        channel: &str,
        component: &str,
    ) -> (Self, impl Future<Output = ()> + Send + use<>) {
        let (queue, waiting) = mpsc::channel(WAITING_MAX);
        let receiver = Self {
            component: component.to_owned(),
            channel: channel.to_owned(),
            queue,
            bytes: Arc::new(Semaphore::new(WAITING_BYTES_MAX as usize)),
            dropped: AtomicU64::new(0),
        };
        (receiver, work(app, component.to_owned(), waiting))
    }

    /// Takes a message, or drops and counts it where too many wait.
    pub(crate) fn take(&self, payload: Vec<u8>) {
        if !self.has_taken(payload) {
            let dropped = self.dropped.fetch_add(1, Ordering::Relaxed) + 1;
            // Often enough to be seen, and not once a message.
            if dropped.is_power_of_two() {
                let Self {
                    component, channel, ..
                } = self;
                tracing::warn!(
                    %component, %channel, dropped,
                    "messages dropped: {WAITING_MAX} messages or {WAITING_BYTES_MAX} bytes wait already; hint: publish slower, or make the component faster",
                );
            }
        }
    }

    fn has_taken(&self, payload: Vec<u8>) -> bool {
        // An empty message takes room, too.
        let bytes = u32::try_from(payload.len()).unwrap_or(u32::MAX).max(1);
        let Ok(bytes) = Arc::clone(&self.bytes).try_acquire_many_owned(bytes) else {
            return false;
        };
        let waiting = Waiting {
            payload,
            _bytes: bytes,
        };
        self.queue.try_send(waiting).is_ok()
    }
}

async fn work(app: Arc<App>, component: String, mut waiting: mpsc::Receiver<Waiting>) {
    while let Some(message) = waiting.recv().await {
        if let Err(error) = deliver(&app, &component, &message.payload).await {
            Failure::report(error);
        }
    }
}

/// Waits until there is a sandbox for it: what waits behind it is bounded.
async fn deliver(app: &Arc<App>, component: &str, payload: &[u8]) -> Result<(), CallError> {
    loop {
        match app.deliver(component, payload.to_vec()).await {
            Err(CallError::Overloaded { .. } | CallError::TooManyCalls { .. }) => {
                tokio::time::sleep(ROOM_POLL).await;
            }
            outcome => return outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receiver() -> (Receiver, mpsc::Receiver<Waiting>) {
        let (queue, waiting) = mpsc::channel(WAITING_MAX);
        let receiver = Receiver {
            component: "c".to_owned(),
            channel: "x".to_owned(),
            queue,
            bytes: Arc::new(Semaphore::new(WAITING_BYTES_MAX as usize)),
            dropped: AtomicU64::new(0),
        };
        (receiver, waiting)
    }

    #[test]
    fn what_finds_no_room_is_dropped_and_counted() {
        let (receiver, mut waiting) = receiver();
        for _ in 0..WAITING_MAX + 3 {
            receiver.take(Vec::new());
        }
        assert_eq!(receiver.dropped.load(Ordering::Relaxed), 3);
        drop(waiting.try_recv().expect("a message"));
        receiver.take(Vec::new());
        assert_eq!(receiver.dropped.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn large_messages_take_the_room_of_many() {
        let (receiver, mut waiting) = receiver();
        let half = vec![0; WAITING_BYTES_MAX as usize / 2];
        for _ in 0..3 {
            receiver.take(half.clone());
        }
        assert_eq!(receiver.dropped.load(Ordering::Relaxed), 1);
        drop(waiting.try_recv().expect("a message"));
        receiver.take(half);
        assert_eq!(receiver.dropped.load(Ordering::Relaxed), 1);
    }
}
