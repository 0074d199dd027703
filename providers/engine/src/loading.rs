//! How far a model is, told to those who asked for it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use gyre_engine_ipc::EngineError;
use gyre_engine_ipc::wire::Response;

use crate::call::Ticket;

/// Progress is told in steps of this.
const STEP: f32 = 0.01;

/// The loading of one model; its owner thread drives it.
#[derive(Default)]
pub(crate) struct Loading {
    /// Set at the end: owners ask for work often and loaded once.
    ended: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    told: f32,
    outcome: Option<Result<(), EngineError>>,
    waiting: Vec<Ticket>,
}

impl Loading {
    /// Answers the call when the model is loaded or failed to.
    pub(crate) fn wait(&self, ticket: Ticket) {
        let mut state = self.state();
        match &state.outcome {
            None => state.waiting.push(ticket),
            Some(outcome) => answer(ticket, outcome.clone()),
        }
    }

    /// The model is loaded, or failed to.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// Tells how much is loaded, from 0 to 1.
    pub(crate) fn progress(&self, fraction: f32) {
        let mut state = self.state();
        // A ticket that is dropped answers that it was cancelled.
        state.waiting.retain(|ticket| !ticket.is_cancelled());
        if fraction < state.told + STEP {
            return;
        }
        state.told = fraction;
        for ticket in &state.waiting {
            ticket.progress(fraction.min(1.0));
        }
    }

    /// The model takes calls.
    pub(crate) fn done(&self) {
        self.end(Ok(()));
    }

    /// The model takes no calls, unless it already did.
    pub(crate) fn failed(&self, error: EngineError) {
        self.end(Err(error));
    }

    /// The first outcome is the outcome.
    fn end(&self, outcome: Result<(), EngineError>) {
        if self.ended.swap(true, Ordering::AcqRel) {
            return;
        }
        let mut state = self.state();
        for ticket in state.waiting.drain(..) {
            answer(ticket, outcome.clone());
        }
        state.outcome = Some(outcome);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn answer(ticket: Ticket, outcome: Result<(), EngineError>) {
    match outcome {
        Ok(()) => ticket.answer(Response::Loaded),
        Err(error) => ticket.fail(error),
    }
}
