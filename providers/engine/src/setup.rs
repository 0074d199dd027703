//! What an owner thread is started with, and what it is to do.

use std::path::PathBuf;
use std::sync::Arc;

use gyre_engine_ipc::EngineError;
use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::model::LlamaModel;

use crate::adapters::Adapters;
use crate::args::Args;
use crate::call::Ticket;
use crate::catalog::Entry;
use crate::counters::Counters;
use crate::inbox::{Inbox, Queued};
use crate::presence::Presence;
use crate::vitals::Vitals;

/// What an owner thread is started with.
pub(crate) struct Setup {
    pub(crate) args: Args,
    pub(crate) backend: Arc<LlamaBackend>,
    pub(crate) entry: Entry,
    /// Names and files of its adapters.
    pub(crate) adapters: Vec<(String, PathBuf)>,
    /// The model that writes ahead for it.
    pub(crate) draft: Option<Entry>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) vitals: Vitals,
    pub(crate) presence: Arc<Presence>,
    /// Those whose memory must be free before the model is loaded.
    pub(crate) after: Vec<Arc<Presence>>,
}

/// A model that is loaded.
pub(crate) struct Ready {
    pub(crate) model: LlamaModel,
    pub(crate) adapters: Adapters,
    /// The model that writes ahead for it.
    pub(crate) draft: Option<LlamaModel>,
}

/// Work for an owner thread.
pub(crate) trait Job: Queued + Send + 'static {
    fn ticket(&self) -> &Ticket;

    fn into_ticket(self) -> Ticket;
}

/// Serves the inbox until it is closed and empty, or until the context fails for good.
pub(crate) type Serve<J> = fn(&Setup, Ready, &Inbox<J>) -> Result<(), EngineError>;
