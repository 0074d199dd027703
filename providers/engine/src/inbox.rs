//! The bounded queue in front of an owner thread.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use gyre_engine_ipc::EngineError;

use crate::bell::Bell;
use crate::loading::Loading;
use crate::pace::Pace;

/// A job, and how jobs of its kind wait.
pub(crate) trait Queued: Sized {
    type Line: Line<Self> + Default + Send;
}

/// The order in which jobs wait.
pub(crate) trait Line<J> {
    /// Takes a job in, or gives it back when too many wait.
    fn push(&mut self, job: J, capacity: usize) -> Result<(), J>;

    fn pop(&mut self) -> Option<J>;

    /// Takes out what nobody waits for any more.
    fn remove(&mut self, unwanted: &dyn Fn(&J) -> bool) -> Vec<J>;

    /// How many wait: of low, normal and high priority.
    fn queued(&self) -> [usize; 3];
}

impl<J> Line<J> for VecDeque<J> {
    fn push(&mut self, job: J, capacity: usize) -> Result<(), J> {
        if self.len() >= capacity {
            return Err(job);
        }
        self.push_back(job);
        Ok(())
    }

    fn pop(&mut self) -> Option<J> {
        self.pop_front()
    }

    fn remove(&mut self, unwanted: &dyn Fn(&J) -> bool) -> Vec<J> {
        let (removed, kept) = std::mem::take(self).into_iter().partition(|job| unwanted(job));
        *self = kept;
        Vec::from(removed)
    }

    fn queued(&self) -> [usize; 3] {
        [0, self.len(), 0]
    }
}

/// Calls that wait for admission.
pub(crate) struct Inbox<J: Queued> {
    queue: Mutex<Queue<J>>,
    bell: Arc<Bell>,
    capacity: usize,
    loading: Loading,
}

struct Queue<J: Queued> {
    line: J::Line,
    pace: Pace,
    open: bool,
    /// Why it was closed, when its owner failed.
    failure: Option<EngineError>,
}

/// Why a job was not taken; it comes back.
pub(crate) enum Refused<J> {
    /// Too many wait; there may be room after so many ms.
    Full(J, u64),
    /// The owner ended or is about to; if it failed, with why.
    Closed(J, Option<EngineError>),
}

impl<J: Queued> Inbox<J> {
    pub(crate) fn new(capacity: usize, bell: Arc<Bell>) -> Self {
        Self {
            queue: Mutex::new(Queue {
                line: J::Line::default(),
                pace: Pace::default(),
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
        if let Err(job) = queue.line.push(job, self.capacity) {
            let waiting = queue.line.queued().iter().sum();
            return Err(Refused::Full(job, queue.pace.retry_after_ms(waiting)));
        }
        drop(queue);
        self.bell.ring();
        Ok(())
    }

    /// The next job. An owner that asks for one has loaded its model.
    pub(crate) fn pop(&self) -> Option<J> {
        self.pop_by(J::Line::pop)
    }

    /// The job that is taken out of the line.
    pub(crate) fn pop_by<T>(&self, take: impl FnOnce(&mut J::Line) -> Option<T>) -> Option<T> {
        self.loading.done();
        let mut queue = lock(&self.queue);
        let job = take(&mut queue.line);
        match job {
            Some(_) => queue.pace.left(Instant::now()),
            None => queue.pace.idle(),
        }
        job
    }

    /// Looks at who waits.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&J::Line) -> T) -> T {
        self.loading.done();
        let mut queue = lock(&self.queue);
        if queue.line.queued() == [0; 3] {
            queue.pace.idle();
        }
        look(&queue.line)
    }

    /// How many wait: of low, normal and high priority.
    pub(crate) fn queued(&self) -> [usize; 3] {
        lock(&self.queue).line.queued()
    }

    /// Takes out the jobs nobody waits for any more.
    pub(crate) fn remove(&self, unwanted: impl Fn(&J) -> bool) -> Vec<J> {
        lock(&self.queue).line.remove(&unwanted)
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

    impl Queued for u32 {
        type Line = VecDeque<Self>;
    }

    #[test]
    fn full_and_closed_inboxes_refuse() {
        let inbox: Inbox<u32> = Inbox::new(1, Arc::default());
        assert!(inbox.push(1).is_ok());
        assert!(matches!(inbox.push(2), Err(Refused::Full(2, 1..))));
        inbox.close();
        assert!(matches!(inbox.push(3), Err(Refused::Closed(3, None))));
        assert_eq!(inbox.queued(), [0, 1, 0]);
        assert!(inbox.remove(|job| *job == 9).is_empty());
        assert_eq!((inbox.pop(), inbox.pop()), (Some(1), None));
    }
}
