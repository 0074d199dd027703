//! The bounded queue in front of an owner thread.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gyre_engine_ipc::EngineError;

use crate::bell::Bell;
use crate::loading::Loading;

/// Calls that wait for admission.
pub(crate) struct Inbox<J> {
    queue: Mutex<Queue<J>>,
    bell: Arc<Bell>,
    capacity: usize,
    loading: Loading,
}

struct Queue<J> {
    jobs: VecDeque<J>,
    open: bool,
    /// Why it was closed, when its owner failed.
    failure: Option<EngineError>,
}

/// Why a job was not taken; it comes back.
pub(crate) enum Refused<J> {
    /// Too many wait.
    Full(J),
    /// The owner ended or is about to; if it failed, with why.
    Closed(J, Option<EngineError>),
}

impl<J> Inbox<J> {
    pub(crate) fn new(capacity: usize, bell: Arc<Bell>) -> Self {
        Self {
            queue: Mutex::new(Queue {
                jobs: VecDeque::new(),
                open: true,
                failure: None,
            }),
            bell,
            capacity,
            loading: Loading::default(),
        }
    }

    pub(crate) fn bell(&self) -> &Arc<Bell> {
        &self.bell
    }

    /// How far the owner's model is.
    pub(crate) fn loading(&self) -> &Loading {
        &self.loading
    }

    pub(crate) fn push(&self, job: J) -> Result<(), Refused<J>> {
        let mut queue = lock(&self.queue);
        if !queue.open {
            return Err(Refused::Closed(job, queue.failure.clone()));
        }
        if queue.jobs.len() >= self.capacity {
            return Err(Refused::Full(job));
        }
        queue.jobs.push_back(job);
        drop(queue);
        self.bell.ring();
        Ok(())
    }

    /// The next job. An owner that asks for one has loaded its model.
    pub(crate) fn pop(&self) -> Option<J> {
        self.loading.done();
        lock(&self.queue).jobs.pop_front()
    }

    pub(crate) fn len(&self) -> usize {
        lock(&self.queue).jobs.len()
    }

    /// Takes out the jobs nobody waits for any more.
    pub(crate) fn remove(&self, unwanted: impl Fn(&J) -> bool) {
        lock(&self.queue).jobs.retain(|job| !unwanted(job));
    }

    /// Takes no more jobs; those that are in stay until they are popped.
    pub(crate) fn close(&self) {
        lock(&self.queue).open = false;
        self.bell.ring();
    }

    /// Closes after a failure, which calls that come too late are told.
    pub(crate) fn close_failed(&self, failure: EngineError) {
        self.loading.failed(failure.clone());
        lock(&self.queue).failure = Some(failure);
        self.close();
    }

    pub(crate) fn is_closed(&self) -> bool {
        !lock(&self.queue).open
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What these locks guard is whole between any two statements.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_and_closed_inboxes_refuse() {
        let inbox = Inbox::new(1, Arc::default());
        assert!(inbox.push(1).is_ok());
        assert!(matches!(inbox.push(2), Err(Refused::Full(2))));
        inbox.close();
        assert!(matches!(inbox.push(3), Err(Refused::Closed(3, None))));
        assert_eq!((inbox.pop(), inbox.pop()), (Some(1), None));
    }
}
