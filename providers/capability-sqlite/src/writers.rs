//! Who may write a file next. Within this process writers queue in the order in which they came: SQLite's own wait is
//! to look again now and then, so of many somebody is always unlucky until its patience ends.

use crate::bindings::spin::sqlite::sqlite::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// How long a writer waits for those before it.
const TURN_WAIT_MAX: Duration = Duration::from_secs(30);
/// Writers of one file that wait.
const WAITING_MAX: usize = 4096;

/// The writers of one file.
#[derive(Debug, Clone)]
pub(crate) struct Writers(Arc<Queue>);

#[derive(Debug)]
struct Queue {
    turn: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// The right to write until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    _permit: OwnedSemaphorePermit,
}

impl Default for Writers {
    fn default() -> Self {
        Self(Arc::new(Queue {
            turn: Arc::new(Semaphore::new(1)),
            waiting: AtomicUsize::new(0),
        }))
    }
}

impl Writers {
    /// Waits for the turn; a future that is dropped leaves the queue.
    pub(crate) async fn turn(&self) -> Result<Turn, Error> {
        self.turn_within(TURN_WAIT_MAX).await
    }

    async fn turn_within(&self, wait: Duration) -> Result<Turn, Error> {
        let waiting = Waiting::new(&self.0.waiting);
        if waiting.before >= WAITING_MAX {
            return Err(busy(format!("{WAITING_MAX} writers wait for it already")));
        }
        match timeout(wait, Arc::clone(&self.0.turn).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Turn { _permit: permit }),
            // Nobody closes the queue.
            Ok(Err(_)) | Err(_) => Err(busy(format!("other writers kept it for {} s", wait.as_secs()))),
        }
    }

    #[cfg(test)]
    pub(crate) fn waiting(&self) -> usize {
        self.0.waiting.load(Ordering::SeqCst)
    }
}

/// One that is counted while it waits.
struct Waiting<'a> {
    count: &'a AtomicUsize,
    before: usize,
}

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        let before = count.fetch_add(1, Ordering::SeqCst);
        Self { count, before }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::SeqCst);
    }
}

fn busy(why: String) -> Error {
    Error::Io(format!(
        "the database is busy: {why}; hint: try again, and keep transactions short"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_busy(turn: &Result<Turn, Error>) -> bool {
        matches!(turn, Err(Error::Io(text)) if text.contains("busy") && text.contains("hint:"))
    }

    #[tokio::test]
    async fn a_wait_is_bounded_and_who_gives_up_is_in_nobodys_way() {
        let writers = Writers::default();
        let held = writers.turn().await.expect("a turn");
        assert!(is_busy(&writers.turn_within(Duration::ZERO).await));
        assert_eq!(writers.waiting(), 0);
        drop(held);
        writers.turn().await.expect("a turn");
    }

    #[tokio::test]
    async fn a_queue_has_a_longest_length() {
        let writers = Writers::default();
        let held = writers.turn().await.expect("a turn");
        let mut queue: Vec<_> = (0..WAITING_MAX).map(|_| Box::pin(writers.turn())).collect();
        for waits in &mut queue {
            assert!(futures::poll!(waits).is_pending());
        }
        assert!(is_busy(&writers.turn().await));
        drop(queue);
        assert_eq!(writers.waiting(), 0);
        drop(held);
        writers.turn().await.expect("a turn");
    }
}
