//! The calls of ONNX models, and the names of models of both kinds.

use std::sync::Arc;

use gyre_engine_ipc::{EngineError, ModelInfo, NamedTensor};

use super::{Server, changed};
use crate::inbox::Inbox;
use crate::onnx::{OnnxJob, Watched, Work};
use crate::queue::{Queue, push};
use crate::residents::Resident;

impl Server {
    /// The model of this name, of either kind.
    pub(super) fn find(&mut self, model: &str) -> Result<ModelInfo, EngineError> {
        match self.catalog.find(model) {
            Ok(entry) => Ok(entry.info),
            Err(EngineError::ModelNotFound { .. }) if self.onnx.has(model) => Ok(self.onnx.find(model)?.info),
            Err(error) => Err(error),
        }
    }

    /// Names the models of both kinds to whom there is none.
    pub(super) fn with_all_names(&mut self, error: EngineError) -> EngineError {
        let EngineError::ModelNotFound { model, .. } = error else {
            return error;
        };
        let available = self.list().into_iter().map(|model| model.name).collect();
        EngineError::ModelNotFound { model, available }
    }

    /// All models; of two of one name only the GGUF file counts.
    pub(super) fn list(&mut self) -> Vec<ModelInfo> {
        let mut models = self.catalog.list();
        let graphs = self.onnx.list().into_iter();
        let graphs: Vec<_> = graphs
            .filter(|graph| models.iter().all(|model| model.name != graph.name))
            .collect();
        models.extend(graphs);
        models.sort_by(|a, b| a.name.cmp(&b.name));
        models
    }

    pub(super) fn is_onnx(&mut self, model: &str) -> bool {
        self.onnx.has(model) && matches!(self.catalog.find(model), Err(EngineError::ModelNotFound { .. }))
    }

    /// Refuses an ONNX model, where `wanted` is what to name instead.
    pub(super) fn is_no_graph(&mut self, model: &str, wanted: &str) -> Result<(), EngineError> {
        if self.is_onnx(model) {
            let message = format!("the model {model} is a graph of tensors: name {wanted}");
            return Err(EngineError::invalid(message));
        }
        Ok(())
    }

    pub(super) fn run(&mut self, id: u64, model: &str, inputs: Vec<NamedTensor>) -> Result<(), EngineError> {
        self.find(model)?;
        if !self.is_onnx(model) {
            return Err(EngineError::invalid(format!(
                "the model {model} is no graph of tensors: name one whose file is ONNX"
            )));
        }
        self.onnx(id, model, Work::Run(inputs))
    }

    pub(super) fn onnx(&mut self, id: u64, model: &str, work: Work) -> Result<(), EngineError> {
        let inbox = self.graph(model)?;
        let ticket = self.calls.open(id, &self.outbox, inbox.bell(), 0);
        push(&inbox, OnnxJob { ticket, work });
        Ok(())
    }

    /// The queue of a graph whose thread runs.
    pub(super) fn graph(&mut self, model: &str) -> Result<Arc<Inbox<OnnxJob>>, EngineError> {
        let entry = self.onnx.find(model)?;
        match self.models.queue(model) {
            Some(Queue::Graph(inbox)) => return Ok(inbox),
            Some(_) => return Err(changed()),
            None => {}
        }
        let memory = entry.memory;
        let watched = Watched {
            counters: Arc::default(),
            presence: Arc::default(),
            after: self.models.make_room(model, memory)?,
        };
        let (counters, presence) = (Arc::clone(&watched.counters), Arc::clone(&watched.presence));
        let inbox = self.onnx.start(entry, watched)?;
        self.models.insert(Resident {
            name: model.to_owned(),
            queue: Queue::Graph(Arc::clone(&inbox)),
            counters,
            presence,
            memory,
        });
        Ok(inbox)
    }
}
