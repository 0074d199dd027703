//! A run that nobody waits for or that takes too long is ended.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use gyre_engine_ipc::EngineError;
use ort::session::{RunOptions, Session, SessionInputValue, SessionOutputs};

use crate::bell::Bell;
use crate::counters::Counters;

/// What the runs of a graph are held to.
///
/// A graph looks only between two of its operators whether it is to end. One that does not get there is hung, as those
/// find who watch the owner.
pub(super) struct Watch<'a> {
    /// Rings when a call is cancelled.
    pub(super) bell: &'a Bell,
    /// Where it is told how long the owner may be busy.
    pub(super) counters: &'a Counters,
    /// The time of one run.
    pub(super) at_most: Duration,
}

/// Why there is no result.
pub(super) enum Failed {
    /// For a reason that the caller is told.
    Told(EngineError),
    /// The graph cannot compute on these inputs.
    Graph(ort::Error),
}

impl From<EngineError> for Failed {
    fn from(error: EngineError) -> Self {
        Self::Told(error)
    }
}

impl Watch<'_> {
    /// Runs a graph once and takes what is wanted of its outputs.
    pub(super) fn run<T>(
        &self,
        session: &mut Session,
        inputs: Vec<(String, SessionInputValue<'_>)>,
        is_abandoned: impl Fn() -> bool + Sync,
        take: impl FnOnce(&SessionOutputs<'_>) -> Result<T, EngineError>,
    ) -> Result<T, Failed> {
        let options = RunOptions::new()
            .map_err(|error| EngineError::internal(format!("no run can be begun: {error}")))?;
        let (ended, late) = (AtomicBool::new(false), AtomicBool::new(false));
        self.counters.allow(self.at_most);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let until = Instant::now() + self.at_most;
                while !ended.load(Ordering::Acquire) {
                    let left = until.saturating_duration_since(Instant::now());
                    if left.is_zero() || is_abandoned() {
                        late.store(left.is_zero(), Ordering::Release);
                        // It fails only where there is nothing to stop.
                        options.terminate().ok();
                        return;
                    }
                    self.bell.watch(left);
                }
            });
            let outputs = session.run_with_options(inputs, &options);
            let taken = match outputs {
                Ok(outputs) => take(&outputs).map_err(Failed::Told),
                Err(_) if late.load(Ordering::Acquire) => Err(Failed::Told(EngineError::DeadlineExceeded)),
                Err(_) if is_abandoned() => Err(Failed::Told(EngineError::Cancelled)),
                Err(error) => Err(Failed::Graph(error)),
            };
            ended.store(true, Ordering::Release);
            self.bell.ring();
            taken
        })
    }
}
