//! The journal of one run, kept by the service `runs`. Events pass here, so an agent can neither forge nor skip it.

use std::pin::Pin;

use gyre_agent_wire::{Event, Problem};
use gyre_chain::CallContext;
use gyre_chain::send::Call;
use serde_json::json;

use crate::chat::ChatRequest;
use crate::recorder::Recorder;

/// The service that keeps it.
const RUNS: &str = "runs";
/// Longest answer that is read.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// What may wait to be written before the run has to wait for the journal.
const BACKLOG_BYTES_MAX: usize = 1024 * 1024;

type Write = Pin<Box<dyn Future<Output = Result<(), Problem>> + Send>>;

/// One write is under way at most, so that events stay in order.
pub(crate) struct Journal {
    path: String,
    context: CallContext,
    recorder: Recorder,
    write: Option<Write>,
}

impl Journal {
    /// Begins the journal with what was asked; the run may start once this is written.
    pub(crate) async fn begin(
        agent: &str,
        request: &ChatRequest,
        context: &CallContext,
    ) -> Result<Self, Problem> {
        let token = context
            .run_token()
            .ok_or_else(|| unavailable("the call carries no run token"))?;
        let asked = json!({ "events": [{ "kind": "run.asked", "body": {
            "agent": agent, "input": request.input, "session": request.session, "model": request.model,
            "deadline_ms": token.deadline_ms,
        } }] });
        let path = format!("/runs/{}/events", token.run);
        write(path.clone(), asked.to_string().into_bytes(), context.clone()).await?;
        Ok(Self {
            path,
            context: context.clone(),
            recorder: Recorder::new(),
            write: None,
        })
    }

    /// Takes an event. Waits only when too much has not been written.
    pub(crate) async fn note(&mut self, event: &Event) -> Result<(), Problem> {
        self.recorder.take(event);
        if self.recorder.backlog_bytes() > BACKLOG_BYTES_MAX {
            self.settle().await?;
        }
        Ok(())
    }

    /// Writes what is due; ends only when a write fails. Dropping it loses nothing: the write goes on next time.
    pub(crate) async fn keep_up(&mut self) -> Problem {
        loop {
            if self.write.is_none() && !self.recorder.is_due() {
                std::future::pending::<()>().await;
            }
            if let Err(problem) = self.step().await {
                return problem;
            }
        }
    }

    /// Writes everything that is whole; after the last event, that is all of the run.
    pub(crate) async fn settle(&mut self) -> Result<(), Problem> {
        while self.step().await? {}
        Ok(())
    }

    /// Ends the write under way, or does the next; whether there was one.
    async fn step(&mut self) -> Result<bool, Problem> {
        if self.write.is_none() {
            let Some(batch) = self.recorder.batch() else {
                return Ok(false);
            };
            self.write = Some(Box::pin(write(self.path.clone(), batch, self.context.clone())));
        }
        if let Some(under_way) = self.write.as_mut() {
            let outcome = under_way.await;
            self.write = None;
            outcome?;
        }
        Ok(true)
    }
}

async fn write(path: String, batch: Vec<u8>, context: CallContext) -> Result<(), Problem> {
    let (status, answer) = Call::post(RUNS, &path, batch)
        .fetch(&context, ANSWER_BYTES_MAX)
        .await
        .map_err(|error| unavailable(&error.to_string()))?;
    if status == 200 {
        return Ok(());
    }
    // The service's own problem says more than its status.
    let own: Option<Problem> = serde_json::from_slice(&answer).ok();
    let why = own.map_or_else(|| format!("it answered with status {status}"), |p| p.detail);
    Err(unavailable(&why))
}

fn unavailable(why: &str) -> Problem {
    Problem::new(
        503,
        "journal-unavailable",
        format!("the journal of this run cannot be written: {why}"),
        "see the log of `gyre up` for what ails the service `runs`, and ask again; no run goes without its journal",
    )
}
