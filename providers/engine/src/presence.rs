//! Whether an owner thread still holds its model.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use gyre_engine_ipc::wire::Response;

use crate::call::Ticket;

/// Whether it is there; it goes once.
#[derive(Default)]
pub(crate) struct Presence {
    state: Mutex<State>,
    went: Condvar,
}

#[derive(Default)]
struct State {
    gone: bool,
    waiting: Vec<Ticket>,
}

impl Presence {
    /// Answers the call when it is gone.
    pub(crate) fn tell(&self, ticket: Ticket) {
        let mut state = self.state();
        if state.gone {
            drop(state);
            ticket.answer(Response::Unloaded);
        } else {
            state.waiting.push(ticket);
        }
    }

    /// Returns when it is gone.
    pub(crate) fn wait(&self) {
        let gone = self.went.wait_while(self.state(), |state| !state.gone);
        drop(gone.unwrap_or_else(PoisonError::into_inner));
    }

    pub(crate) fn is_gone(&self) -> bool {
        self.state().gone
    }

    fn end(&self) {
        let mut state = self.state();
        state.gone = true;
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        self.went.notify_all();
        for ticket in waiting {
            ticket.answer(Response::Unloaded);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Held by the thread; however it ends, it is gone then.
pub(crate) struct Present(pub(crate) Arc<Presence>);

impl Drop for Present {
    fn drop(&mut self) {
        self.0.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_goes_on_when_it_is_gone() {
        let presence = Arc::<Presence>::default();
        let waiting = Arc::clone(&presence);
        let waiter = std::thread::spawn(move || waiting.wait());
        assert!(!presence.is_gone());
        drop(Present(Arc::clone(&presence)));
        waiter.join().expect("returns");
        assert!(presence.is_gone());
    }
}
