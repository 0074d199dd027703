//! A call as the worker sees it: answered exactly once, cancelled and paced from outside.

use std::collections::HashMap;
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gyre_engine_ipc::wire::{Delta, Reply, Response};
use gyre_engine_ipc::{EngineError, frame};

use crate::bell::Bell;

/// Frames that wait for the pipe at most. Windows bound them already; this bounds a host that does not read.
const FRAMES_MAX: usize = 1024;

/// The way back to the host.
#[derive(Clone)]
pub(crate) struct Outbox(SyncSender<Vec<u8>>);

impl Outbox {
    /// Starts the thread that writes replies.
    pub(crate) fn start(pipe: impl Write + Send + 'static) -> Self {
        let (sender, receiver) = sync_channel(FRAMES_MAX);
        std::thread::spawn(move || write_replies(pipe, &receiver));
        Self(sender)
    }

    pub(crate) fn send(&self, id: u64, response: Response) {
        let frame = frame::encode(&Reply { id, response }).or_else(|error| {
            tracing::error!(%error, "an answer cannot be sent");
            let error = EngineError::invalid("the answer is too large: ask for less at once");
            frame::encode(&Reply {
                id,
                response: Response::Error(error),
            })
        });
        if let Ok(frame) = frame {
            // A host that is gone needs no answer: this process is about to end.
            self.0.send(frame).ok();
        }
    }
}

fn write_replies(mut pipe: impl Write, frames: &Receiver<Vec<u8>>) {
    for reply in frames {
        if frame::write(&mut pipe, &reply).is_err() {
            return;
        }
    }
}

/// What the host may say about a call while it runs.
struct Control {
    cancelled: AtomicBool,
    credit: AtomicU32,
    bell: Arc<Bell>,
}

/// The calls that run or wait.
#[derive(Clone, Default)]
pub(crate) struct Calls(Arc<Mutex<HashMap<u64, Arc<Control>>>>);

impl Calls {
    /// Makes the ticket of a new call; `bell` wakes the thread that will own it.
    pub(crate) fn open(&self, id: u64, outbox: &Outbox, bell: &Arc<Bell>, credit: u32) -> Ticket {
        let control = Arc::new(Control {
            cancelled: AtomicBool::new(false),
            credit: AtomicU32::new(credit),
            bell: Arc::clone(bell),
        });
        self.table().insert(id, Arc::clone(&control));
        Ticket {
            id,
            outbox: outbox.clone(),
            control,
            calls: self.clone(),
            answered: false,
        }
    }

    pub(crate) fn cancel(&self, id: u64) {
        if let Some(control) = self.table().get(&id) {
            control.cancelled.store(true, Ordering::Release);
            control.bell.ring();
        }
    }

    pub(crate) fn credit(&self, id: u64, deltas: u32) {
        if let Some(control) = self.table().get(&id) {
            control.credit.fetch_add(deltas, Ordering::AcqRel);
            control.bell.ring();
        }
    }

    fn table(&self) -> MutexGuard<'_, HashMap<u64, Arc<Control>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right and duty to answer one call.
pub(crate) struct Ticket {
    id: u64,
    outbox: Outbox,
    control: Arc<Control>,
    calls: Calls,
    answered: bool,
}

impl Ticket {
    pub(crate) fn is_cancelled(&self) -> bool {
        self.control.cancelled.load(Ordering::Acquire)
    }

    /// The reader is near enough for another delta.
    pub(crate) fn has_credit(&self) -> bool {
        self.control.credit.load(Ordering::Acquire) > 0
    }

    /// How many deltas the reader has room for.
    pub(crate) fn credit(&self) -> u32 {
        self.control.credit.load(Ordering::Acquire)
    }

    /// Sends the next pieces. Call only with credit; this thread alone spends it.
    pub(crate) fn deltas(&self, deltas: Vec<Delta>) {
        self.control.credit.fetch_sub(1, Ordering::AcqRel);
        self.outbox.send(self.id, Response::Deltas(deltas));
    }

    /// Sends what is left of a completion that ends now. The host has room for one reply more than the window.
    pub(crate) fn last_deltas(&self, deltas: Vec<Delta>) {
        self.outbox.send(self.id, Response::Deltas(deltas));
    }

    /// Tells how much of a model is loaded.
    pub(crate) fn progress(&self, fraction: f32) {
        self.outbox.send(self.id, Response::Progress { fraction });
    }

    pub(crate) fn answer(mut self, response: Response) {
        self.answered = true;
        self.outbox.send(self.id, response);
    }

    pub(crate) fn fail(self, error: EngineError) {
        self.answer(Response::Error(error));
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.calls.table().remove(&self.id);
        if !self.answered {
            // Dropped on purpose when cancelled; else its owner panicked. No call is left hanging.
            let error = match self.is_cancelled() {
                true => EngineError::Cancelled,
                false => EngineError::internal("the model's thread ended under the call"),
            };
            self.outbox.send(self.id, Response::Error(error));
        }
    }
}
