//! What handles, calls and the supervisor share.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};

use crate::table::{END_ROOM, Flight, Table};
use crate::wire::{Call, Request, Response};
use crate::{EngineConfig, EngineError, frame};

/// When an overloaded caller should come back.
const RETRY_AFTER_MS: u64 = 500;

/// The supervisor's own calls; those of others count from 1.
pub(crate) const OWN_CALL: u64 = 0;

/// Whether calls can be made now.
#[derive(Clone, Debug)]
pub(crate) enum Phase {
    /// A worker is being started, or started again: calls wait a bounded time.
    Starting,
    /// The worker with this process id takes calls.
    Up { pid: u32 },
    /// No worker can be started: calls fail at once.
    Unavailable { reason: String },
    /// The engine was shut down.
    Stopped,
}

/// What handles, calls and the supervisor share.
pub(crate) struct Connection {
    pub(crate) config: EngineConfig,
    pub(crate) phase: watch::Sender<Phase>,
    pub(crate) restarts: AtomicU64,
    calls: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
    next_id: AtomicU64,
    table: Mutex<Table>,
}

/// One call in flight. Dropping it before its end cancels it in the worker.
pub(crate) struct Pending {
    connection: Arc<Connection>,
    id: u64,
    replies: mpsc::Receiver<Response>,
    done: bool,
    _permits: [OwnedSemaphorePermit; 2],
}

impl Connection {
    pub(crate) fn new(config: EngineConfig) -> Self {
        Self {
            calls: Arc::new(Semaphore::new(config.queue_max.min(Semaphore::MAX_PERMITS))),
            bytes: Arc::new(Semaphore::new(config.queue_bytes_max as usize)),
            phase: watch::Sender::new(Phase::Starting),
            restarts: AtomicU64::new(0),
            next_id: AtomicU64::new(OWN_CALL + 1),
            table: Mutex::default(),
            config,
        }
    }

    pub(crate) fn calls_in_flight(&self) -> usize {
        self.table().len()
    }

    /// Sends a request to the worker. Overload is refused before anything waits.
    pub(crate) async fn open(self: &Arc<Self>, request: Request) -> Result<Pending, EngineError> {
        let overloaded = |_| EngineError::Overloaded {
            retry_after_ms: RETRY_AFTER_MS,
        };
        let call_permit = Arc::clone(&self.calls).try_acquire_owned().map_err(overloaded)?;
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let model = request.model().map(str::to_owned);
        let frame = frame::encode(&Call { id, request }).map_err(|_| {
            EngineError::invalid("the request is too large for the engine: send less at once")
        })?;
        let bytes = u32::try_from(frame.len()).unwrap_or(u32::MAX);
        if bytes > self.config.queue_bytes_max {
            return Err(EngineError::invalid(
                "the request is too large for the engine: send less at once",
            ));
        }
        let byte_permit = Arc::clone(&self.bytes)
            .try_acquire_many_owned(bytes)
            .map_err(overloaded)?;
        self.wait_until_up().await?;
        let replies = self.register(id, frame, model)?;
        let permits = [call_permit, byte_permit];
        Ok(Pending {
            connection: Arc::clone(self),
            id,
            replies,
            done: false,
            _permits: permits,
        })
    }

    async fn wait_until_up(&self) -> Result<(), EngineError> {
        let mut phase = self.phase.subscribe();
        let settled = phase.wait_for(|phase| !matches!(phase, Phase::Starting));
        let reason = match tokio::time::timeout(self.config.start_wait, settled).await {
            Ok(Ok(phase)) => match &*phase {
                Phase::Up { .. } => return Ok(()),
                Phase::Unavailable { reason } => reason.clone(),
                Phase::Starting | Phase::Stopped => "it was shut down".to_owned(),
            },
            Ok(Err(_)) => "it was shut down".to_owned(),
            Err(_) => "it is being started again and did not come up in time".to_owned(),
        };
        Err(EngineError::WorkerDied { reason })
    }

    fn register(
        &self,
        id: u64,
        frame: Vec<u8>,
        model: Option<String>,
    ) -> Result<mpsc::Receiver<Response>, EngineError> {
        // Room for every delta the window allows, and for the end or an error after them.
        let (replies, receiver) = mpsc::channel(self.config.delta_window as usize + END_ROOM);
        self.table().send(id, frame, Flight { replies, model })?;
        Ok(receiver)
    }

    /// Names the worker that takes calls from now on.
    pub(crate) fn connect(&self, worker: mpsc::UnboundedSender<Vec<u8>>) {
        self.table().connect(worker);
    }

    /// Has models loaded again before anybody asks, in the background. One that the last worker may have died of waits
    /// until somebody does.
    pub(crate) fn reload(&self, models: &[String]) {
        for model in models {
            let id = self.next_id.fetch_add(1, Ordering::Relaxed);
            let request = Request::Load { model: model.clone() };
            let Ok(frame) = frame::encode(&Call { id, request }) else {
                continue;
            };
            // Nobody reads what comes of it; a worker that ended again is started again.
            if self.table().is_trusted(model) {
                self.register(id, frame, Some(model.clone())).ok();
            }
        }
    }

    /// Ends every call in flight with this error; gives the models that the worker had.
    pub(crate) fn disconnect(&self, error: &EngineError) -> Vec<String> {
        self.table().disconnect(error)
    }

    /// Hands a reply to its call.
    pub(crate) fn deliver(&self, id: u64, response: Response) {
        self.table().deliver(id, response);
    }

    fn tell(&self, id: u64, request: Request) {
        if let Ok(frame) = frame::encode(&Call { id, request }) {
            // A worker that just ended needs to be told nothing.
            self.table().tell(frame);
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        // The table is whole between any two statements, so a panic elsewhere does not spoil it.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pending {
    /// The next reply; after the last one, and after an error, `Cancelled`.
    pub(crate) async fn next(&mut self) -> Result<Response, EngineError> {
        let reply = self.replies.recv().await;
        self.settle(reply)
    }

    /// A reply that is there already.
    pub(crate) fn try_next(&mut self) -> Option<Result<Response, EngineError>> {
        let reply = self.replies.try_recv().ok()?;
        Some(self.settle(Some(reply)))
    }

    /// Tells the worker that so many deltas were read.
    pub(crate) fn credit(&self, deltas: u32) {
        self.connection.tell(self.id, Request::Credit { deltas });
    }

    fn settle(&mut self, reply: Option<Response>) -> Result<Response, EngineError> {
        match reply {
            Some(Response::Error(error)) => {
                self.done = true;
                Err(error)
            }
            Some(response) => {
                self.done = response.is_last();
                Ok(response)
            }
            None if self.done => Err(EngineError::Cancelled),
            None => Err(EngineError::internal(
                "the worker sent more than the window of a completion allows",
            )),
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if !self.done {
            self.connection.table().forget(self.id);
            self.connection.tell(self.id, Request::Cancel);
        }
    }
}
