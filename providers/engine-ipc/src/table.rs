//! The calls in flight, the way to the worker that runs, and what is known of its models. One lock guards all of it, so
//! that a call is either failed by the worker's death or never sent.

use std::collections::HashMap;
use std::time::Instant;

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::EngineError;
use crate::blame::Blame;
use crate::wire::Response;

/// Replies a call has room for beside its window: its end, or an error after it.
pub(crate) const END_ROOM: usize = 2;

#[derive(Default)]
pub(crate) struct Table {
    flights: HashMap<u64, Flight>,
    /// Unbounded, yet bounded by what is put in: per call one request, one cancel and a window of credits.
    worker: Option<mpsc::UnboundedSender<Vec<u8>>>,
    blame: Blame,
}

/// A call that was sent and not answered to its end.
pub(crate) struct Flight {
    pub(crate) replies: mpsc::Sender<Response>,
    /// The model it asks for work.
    pub(crate) model: Option<String>,
}

impl Table {
    pub(crate) fn len(&self) -> usize {
        self.flights.len()
    }

    /// Names the worker that takes calls from now on.
    pub(crate) fn connect(&mut self, worker: mpsc::UnboundedSender<Vec<u8>>) {
        self.worker = Some(worker);
    }

    /// Sends a call.
    pub(crate) fn send(&mut self, id: u64, frame: Vec<u8>, flight: Flight) -> Result<(), EngineError> {
        let refusal = flight
            .model
            .as_deref()
            .and_then(|model| self.blame.refusal(model, Instant::now()));
        if let Some(reason) = refusal {
            return Err(EngineError::WorkerDied { reason });
        }
        if !self.tell(frame) {
            return Err(EngineError::WorkerDied {
                reason: "it just ended".to_owned(),
            });
        }
        self.flights.insert(id, flight);
        Ok(())
    }

    /// Sends what needs no answer; whether there is a worker.
    pub(crate) fn tell(&self, frame: Vec<u8>) -> bool {
        self.worker
            .as_ref()
            .is_some_and(|worker| worker.send(frame).is_ok())
    }

    /// Forgets a call that nobody waits for.
    pub(crate) fn forget(&mut self, id: u64) {
        self.flights.remove(&id);
    }

    /// Hands a reply to its call. A late reply to a call that is gone is dropped.
    pub(crate) fn deliver(&mut self, id: u64, response: Response) {
        let last = response.is_last();
        let Some(flight) = self.flights.get(&id) else {
            return;
        };
        if response.is_proof()
            && let Some(model) = &flight.model
        {
            self.blame.answered(model);
        }
        // Progress may be left out, and must leave room for the end.
        let skipped = matches!(response, Response::Progress { .. }) && flight.replies.capacity() <= END_ROOM;
        // Nobody reads the answer of a model that is loaded again: its call stays until it is answered.
        let over = !skipped && matches!(flight.replies.try_send(response), Err(TrySendError::Full(_)));
        if last || over {
            self.flights.remove(&id);
        }
    }

    /// Ends every call in flight with this error; none can be sent until the next `connect`. Gives the models to be loaded
    /// again.
    pub(crate) fn disconnect(&mut self, error: &EngineError) -> Vec<String> {
        self.worker = None;
        let asked = self.flights.values().filter_map(|flight| flight.model.as_deref());
        let again = self.blame.died(asked, Instant::now());
        for (_, flight) in self.flights.drain() {
            // There is always room, see `END_ROOM`. A reader that is gone needs no error.
            flight.replies.try_send(Response::Error(error.clone())).ok();
        }
        again
    }

    /// Whether the supervisor may load this model by itself.
    pub(crate) fn is_trusted(&self, model: &str) -> bool {
        self.blame.is_trusted(model)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> (Table, mpsc::UnboundedReceiver<Vec<u8>>) {
        let (worker, sent) = mpsc::unbounded_channel();
        let mut table = Table::default();
        table.connect(worker);
        (table, sent)
    }

    fn flight(room: usize) -> (Flight, mpsc::Receiver<Response>) {
        let (replies, receiver) = mpsc::channel(room);
        let model = Some("m".to_owned());
        (Flight { replies, model }, receiver)
    }

    fn died() -> EngineError {
        EngineError::WorkerDied {
            reason: "x".to_owned(),
        }
    }

    #[test]
    fn a_death_fails_each_call_and_none_is_sent_after_it() {
        let (mut table, _sent) = table();
        let (one, mut replies) = flight(3);
        table.send(1, Vec::new(), one).expect("is sent");
        table.deliver(1, Response::Deltas(Vec::new()));
        assert_eq!(table.disconnect(&died()), ["m"], "it had answered");
        assert!(matches!(replies.try_recv(), Ok(Response::Deltas(_))));
        assert!(matches!(replies.try_recv(), Ok(Response::Error(_))));
        assert!(table.send(2, Vec::new(), flight(3).0).is_err());
        assert_eq!(table.len(), 0);
    }

    #[test]
    fn a_model_that_two_workers_died_of_is_refused() {
        let (mut table, _sent) = table();
        for id in [1, 2] {
            let (worker, _) = mpsc::unbounded_channel();
            table.connect(worker);
            // The receiver of the frames is gone, as that of a worker that just ended.
            assert!(table.send(id, Vec::new(), flight(3).0).is_err());
            let (worker, _sent) = mpsc::unbounded_channel();
            table.connect(worker);
            table.send(id, Vec::new(), flight(3).0).expect("is sent");
            assert!(table.disconnect(&died()).is_empty(), "it never answered");
        }
        let (worker, _sent) = mpsc::unbounded_channel();
        table.connect(worker);
        let error = table.send(3, Vec::new(), flight(3).0).expect_err("is refused");
        assert!(error.to_string().contains("2 times in a row"), "{error}");
        assert!(error.retry_after_ms().is_some());
    }

    #[test]
    fn a_reply_that_has_no_room_ends_the_call_and_progress_is_left_out() {
        let (mut table, _sent) = table();
        let (one, mut replies) = flight(END_ROOM + 1);
        table.send(1, Vec::new(), one).expect("is sent");
        for _ in 0..9 {
            table.deliver(1, Response::Progress { fraction: 0.5 });
        }
        assert_eq!((table.len(), replies.len()), (1, 1));
        for _ in 0..=END_ROOM {
            table.deliver(1, Response::Deltas(Vec::new()));
        }
        assert_eq!(table.len(), 0, "a worker that sends too much is not believed");
        while replies.try_recv().is_ok() {}
        assert!(replies.is_closed());
    }
}
