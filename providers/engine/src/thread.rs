//! The thread of a model, whatever runs on it.

use std::io;
use std::sync::Arc;

use gyre_engine_ipc::EngineError;

use crate::counters::Counters;
use crate::freed;
use crate::inbox::{Inbox, Queued};
use crate::presence::{Presence, Present};
use crate::setup::Job;

/// Starts it. `work` loads the model and serves the inbox; when it fails, all who wait are told why.
pub(crate) fn start<J: Job>(
    model: String,
    inbox: Arc<Inbox<J>>,
    presence: Arc<Presence>,
    counters: Arc<Counters>,
    work: impl FnOnce(&Arc<Inbox<J>>) -> Result<(), EngineError> + Send + 'static,
) -> io::Result<()> {
    let name = format!("model {model}");
    std::thread::Builder::new().name(name).spawn(move || {
        // Dropped last: what the thread held is free by then.
        let _present = Present(presence);
        let closing = Closing(inbox);
        let inbox = &closing.0;
        if let Err(error) = work(inbox) {
            tracing::error!(model, %error, "a model's thread ends");
            inbox.close_failed(error.clone());
            while let Some(job) = inbox.pop() {
                job.into_ticket().fail(error.clone());
            }
        }
        counters.live(0);
        freed::give_back();
    })?;
    Ok(())
}

/// However the thread ends, its inbox takes nothing more and what is in it is answered.
struct Closing<J: Queued>(Arc<Inbox<J>>);

impl<J: Queued> Drop for Closing<J> {
    fn drop(&mut self) {
        let ended = EngineError::internal("the model's thread ended while it loaded");
        self.0.loading().failed(ended);
        self.0.close();
        while let Some(job) = self.0.pop() {
            drop(job);
        }
    }
}
