//! A run that is cancelled or takes too long is stopped.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use gyre_engine_ipc::{EngineError, NamedTensor};
use ort::session::{RunOptions, Session, SessionInputValue};

use super::value;
use crate::bell::Bell;
use crate::call::Ticket;

/// A run of a graph may take so long.
const RUN_MAX: Duration = Duration::from_secs(60);

/// Runs a graph once. Another thread waits on the bell, which rings when a call is cancelled.
pub(super) fn run(
    session: &mut Session,
    inputs: Vec<NamedTensor>,
    ticket: &Ticket,
    bell: &Bell,
) -> Result<Vec<NamedTensor>, EngineError> {
    value::check(session.inputs(), &inputs)?;
    let inputs = inputs.into_iter().map(value::input);
    let inputs: Vec<(String, SessionInputValue<'_>)> = inputs.collect::<Result<_, _>>()?;
    let options =
        RunOptions::new().map_err(|error| EngineError::internal(format!("no run can be begun: {error}")))?;
    let (ended, late) = (AtomicBool::new(false), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let until = Instant::now() + RUN_MAX;
            while !ended.load(Ordering::Acquire) {
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() || ticket.is_cancelled() {
                    late.store(left.is_zero(), Ordering::Release);
                    // It fails only where there is nothing to stop.
                    options.terminate().ok();
                    return;
                }
                bell.wait(left);
            }
        });
        let outputs = session.run_with_options(inputs, &options);
        let outputs = match &outputs {
            Ok(outputs) => value::outputs(outputs),
            Err(_) if late.load(Ordering::Acquire) => Err(EngineError::DeadlineExceeded),
            Err(_) if ticket.is_cancelled() => Err(EngineError::Cancelled),
            Err(error) => Err(refused(error)),
        };
        ended.store(true, Ordering::Release);
        bell.ring();
        outputs
    })
}

/// What the graph said of inputs that are of its kinds, yet not of its liking.
fn refused(error: &ort::Error) -> EngineError {
    tracing::warn!(%error, "a graph failed");
    let text: String = error
        .message()
        .chars()
        .filter(|it| !it.is_control())
        .take(400)
        .collect();
    EngineError::invalid(format!("the graph cannot compute on these inputs: {text}"))
}
