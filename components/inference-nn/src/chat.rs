//! One completion: computes until the engine finishes, and hands on each piece before the next compute.

use crate::bindings::exports::gyre::inference::chat::Error;
use crate::bindings::exports::gyre::inference::types::{Delta, Outcome};
use crate::tensors::{Outputs, Session};
use crate::{errors, protocol};
use spin_sdk::wasip3::clocks::monotonic_clock;
use std::time::{SystemTime, UNIX_EPOCH};
use wit_bindgen::{StreamResult, StreamWriter};

/// A completion whose first compute has been done.
pub(crate) struct Decoding {
    session: Session,
    outputs: Outputs,
    deadline_ms: Option<u64>,
    /// Bytes of a character that the last delta cut.
    carry: Vec<u8>,
}

impl Decoding {
    /// Sends the request to the engine. What the engine refuses, it refuses here.
    pub(crate) fn start(model: &str, request: &[u8], deadline_ms: Option<u64>) -> Result<Self, Error> {
        check_deadline(deadline_ms)?;
        let session = Session::open(model)?;
        let outputs = session.compute_with("request", request)?;
        Ok(Self {
            session,
            outputs,
            deadline_ms,
            carry: Vec::new(),
        })
    }

    /// Writes deltas until the engine finishes or the reader is gone.
    pub(crate) async fn run(mut self, deltas: &mut StreamWriter<Delta>) -> Result<Outcome, Error> {
        loop {
            for delta in self.deltas()? {
                if deltas.write_one(delta).await.is_some() {
                    // Dropping the session on the way out cancels the sequence in the engine.
                    return Err(Error::Cancelled);
                }
            }
            if let Some(finish) = self.outputs.bytes("finish")? {
                let usage = self.outputs.required("usage")?;
                return protocol::outcome(&finish, &usage).map_err(errors::protocol);
            }
            flushed(deltas).await?;
            check_deadline(self.deadline_ms)?;
            self.outputs = self.session.compute()?;
        }
    }

    /// What the last outputs add: text, then calls, then how likely the tokens were.
    fn deltas(&mut self) -> Result<Vec<Delta>, Error> {
        let text = self.text()?;
        let mut deltas = Vec::new();
        if !text.is_empty() {
            deltas.push(Delta::Text(text));
        }
        if let Some(calls) = self.outputs.bytes("tool_calls")? {
            let calls = protocol::tool_calls(&calls).map_err(errors::protocol)?;
            deltas.extend(calls.into_iter().map(Delta::ToolCall));
        }
        if let Some(logprobs) = self.outputs.bytes("logprobs")? {
            deltas.push(Delta::Logprobs(
                protocol::logprobs(&logprobs).map_err(errors::protocol)?,
            ));
        }
        Ok(deltas)
    }

    /// The text of the last outputs; a character cut at the end waits for its rest.
    fn text(&mut self) -> Result<String, Error> {
        let piece = self.outputs.bytes("delta")?.unwrap_or_default();
        let last = self.outputs.bytes("finish")?.is_some();
        protocol::whole_characters(&mut self.carry, &piece, last).map_err(errors::protocol)
    }
}

/// Waits until the reader asks for the next delta, which it does when its client's connection has taken this one.
/// `compute` parks the whole sandbox: without the wait a token would stay inside until the next step ends.
async fn flushed(deltas: &mut StreamWriter<Delta>) -> Result<(), Error> {
    // A write of nothing completes when a read is waiting, or the reader is gone.
    if deltas.write(Vec::new()).await.0 == StreamResult::Dropped {
        return Err(Error::Cancelled);
    }
    // The host's own tasks get a turn too.
    monotonic_clock::wait_for(0).await;
    Ok(())
}

fn check_deadline(deadline_ms: Option<u64>) -> Result<(), Error> {
    let now_ms = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |it| it.as_millis());
    match deadline_ms {
        Some(deadline_ms) if now_ms >= u128::from(deadline_ms) => Err(Error::BudgetExhausted(
            "the deadline of this run has passed; hint: allow it more time".into(),
        )),
        _ => Ok(()),
    }
}
