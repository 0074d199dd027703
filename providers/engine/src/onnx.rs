//! ONNX models: graphs for guests' tensors, and embeddings where a tokenizer lies beside the graph.
//!
//! The library of ONNX Runtime is loaded with the first model, never before: without it the worker does all else.

mod batch;
mod catalog;
mod embed;
mod graph;
mod library;
mod owner;
mod session;
mod text;
mod value;
mod watch;

use std::path::PathBuf;
use std::sync::Arc;

use gyre_engine_ipc::{EngineError, ModelInfo};

use crate::args::Args;
use crate::inbox::Inbox;
use crate::vitals::Vitals;
use catalog::Catalog;
use library::Library;
use owner::Setup;

pub(crate) use catalog::Entry;
pub(crate) use owner::{OnnxJob, Watched, Work};

/// The ONNX models there are, and what their threads share; only the thread that reads calls touches it.
pub(crate) struct Onnx {
    args: Args,
    catalog: Catalog,
    library: Arc<Library>,
    vitals: Vitals,
}

impl Onnx {
    /// `given` are graphs whose files lie elsewhere.
    pub(crate) fn new(args: &Args, given: Vec<(String, PathBuf)>, vitals: Vitals) -> Self {
        Self {
            catalog: Catalog::new(args.models.clone(), given),
            library: Arc::new(Library::new(args.onnxruntime.clone())),
            args: args.clone(),
            vitals,
        }
    }

    /// Whether there is a file for this name, sound or not.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.catalog.has(name)
    }

    /// What is known of the model of this name, without loading it.
    pub(crate) fn find(&mut self, name: &str) -> Result<Entry, EngineError> {
        self.catalog.find(name)
    }

    /// The models there are; one that is not sound is able to do nothing.
    pub(crate) fn list(&mut self) -> Vec<ModelInfo> {
        self.catalog.list()
    }

    /// Starts the thread of a model; the answer is its queue.
    pub(crate) fn start(&self, entry: Entry, watched: Watched) -> Result<Arc<Inbox<OnnxJob>>, EngineError> {
        let inbox = Arc::new(Inbox::new(self.args.queue_max, Arc::default()));
        let setup = Setup {
            args: self.args.clone(),
            library: Arc::clone(&self.library),
            vitals: self.vitals.clone(),
            entry,
            watched,
        };
        owner::start(setup, Arc::clone(&inbox))
            .map_err(|error| EngineError::internal(format!("no thread for the model: {error}")))?;
        Ok(inbox)
    }
}
