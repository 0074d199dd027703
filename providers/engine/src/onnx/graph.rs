//! One run of a graph on tensors that a guest gave.

use gyre_engine_ipc::{EngineError, NamedTensor};
use ort::session::{Session, SessionInputValue};

use super::value;
use super::watch::{Failed, Watch};
use crate::call::Ticket;

/// Gives every output of the graph.
pub(super) fn run(
    session: &mut Session,
    inputs: Vec<NamedTensor>,
    ticket: &Ticket,
    watch: &Watch<'_>,
) -> Result<Vec<NamedTensor>, EngineError> {
    value::check(session.inputs(), &inputs)?;
    let inputs = inputs.into_iter().map(value::input);
    let inputs: Vec<(String, SessionInputValue<'_>)> = inputs.collect::<Result<_, _>>()?;
    let outputs = watch.run(session, inputs, || ticket.is_cancelled(), value::outputs);
    outputs.map_err(|failed| match failed {
        Failed::Told(error) => error,
        Failed::Graph(error) => refused(&error),
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
