//! ONNX models: graphs for guests' tensors, and embeddings where a tokenizer lies beside the graph.
//!
//! The library of ONNX Runtime is loaded with the first model, never before: without it the worker does all else.

mod batch;
mod catalog;
mod embed;
mod library;
mod owner;
mod port;
mod session;
mod text;
mod value;
mod watch;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use gyre_engine_ipc::{EngineError, MemoryBytes, ModelInfo, ModelStats};

use crate::args::Args;
use crate::counters::Counters;
use crate::inbox::Inbox;
use crate::presence::Presence;
use catalog::{Catalog, Entry};
use library::Library;
use owner::Setup;

pub(crate) use owner::{OnnxJob, Work};

/// Graphs loaded at once; the one used longest ago makes room.
const MODELS_MAX: usize = 8;

/// The ONNX models and the threads that own them; only the thread that reads calls touches it.
pub(crate) struct Onnx {
    args: Args,
    catalog: Catalog,
    library: Arc<Library>,
    models: HashMap<String, Loaded>,
    clock: u64,
}

struct Loaded {
    inbox: Arc<Inbox<OnnxJob>>,
    counters: Arc<Counters>,
    presence: Arc<Presence>,
    used_at: u64,
}

impl Onnx {
    /// `given` are graphs whose files lie elsewhere.
    pub(crate) fn new(args: &Args, given: Vec<(String, PathBuf)>) -> Self {
        Self {
            catalog: Catalog::new(args.models.clone(), given),
            library: Arc::new(Library::new(args.onnxruntime.clone())),
            args: args.clone(),
            models: HashMap::new(),
            clock: 0,
        }
    }

    /// Whether there is a file for this name, sound or not.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.catalog.has(name)
    }

    /// What is known of the model of this name, without loading it.
    pub(crate) fn find(&mut self, name: &str) -> Result<ModelInfo, EngineError> {
        Ok(self.catalog.find(name)?.info)
    }

    /// The models there are; one that is not sound is able to do nothing.
    pub(crate) fn list(&mut self) -> Vec<ModelInfo> {
        self.catalog.list()
    }

    /// The queue of a model, whose thread is started if there is none.
    pub(crate) fn inbox(&mut self, name: &str) -> Result<Arc<Inbox<OnnxJob>>, EngineError> {
        let entry = self.catalog.find(name)?;
        self.clock += 1;
        self.models.retain(|_, model| !model.inbox.is_closed());
        if let Some(model) = self.models.get_mut(name) {
            model.used_at = self.clock;
            return Ok(Arc::clone(&model.inbox));
        }
        if self.models.len() >= MODELS_MAX {
            self.make_room();
        }
        self.start(entry)
    }

    fn start(&mut self, entry: Entry) -> Result<Arc<Inbox<OnnxJob>>, EngineError> {
        let name = entry.info.name.clone();
        let inbox = Arc::new(Inbox::new(self.args.queue_max, Arc::default()));
        let counters = Arc::new(Counters::default());
        let presence = Arc::<Presence>::default();
        let setup = Setup {
            args: self.args.clone(),
            library: Arc::clone(&self.library),
            entry,
            counters: Arc::clone(&counters),
            presence: Arc::clone(&presence),
        };
        owner::start(setup, Arc::clone(&inbox))
            .map_err(|error| EngineError::internal(format!("no thread for the model: {error}")))?;
        let loaded = Loaded {
            inbox: Arc::clone(&inbox),
            counters,
            presence,
            used_at: self.clock,
        };
        self.models.insert(name, loaded);
        Ok(inbox)
    }

    /// Lets the model used longest ago end once its calls are done.
    fn make_room(&mut self) {
        let oldest = self.models.iter().min_by_key(|(_, model)| model.used_at);
        let oldest = oldest.map(|(name, _)| name.clone());
        if let Some(model) = oldest.and_then(|name| self.models.remove(&name)) {
            model.inbox.close();
        }
    }

    /// Has a model take no more calls; it ends with those it has. `None`: it is not loaded.
    pub(crate) fn close(&mut self, name: &str) -> Option<(Arc<Inbox<OnnxJob>>, Arc<Presence>)> {
        let model = self.models.remove(name)?;
        model.inbox.close();
        Some((model.inbox, model.presence))
    }

    /// What each did. Their memory is not told: ONNX Runtime does not say it.
    pub(crate) fn stats(&self) -> impl Iterator<Item = ModelStats> {
        let models = self.models.iter();
        models.map(|(name, model)| {
            model
                .counters
                .read(name, model.inbox.queued(), MemoryBytes::default())
        })
    }
}
