//! Hands each call to the owner thread of its model, starting that thread when there is none.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use gyre_engine_ipc::wire::{Call, Request, Response};
use gyre_engine_ipc::{EngineError, ModelInfo};
use llama_cpp_2::llama_backend::LlamaBackend;

use crate::args::Args;
use crate::bell::Bell;
use crate::call::{Calls, Outbox};
use crate::catalog::{Catalog, Entry};
use crate::chat::{self, ChatJob};
use crate::counters::Counters;
use crate::embedding::{self, EmbedJob};
use crate::inbox::{Inbox, Refused};
use crate::loading::Loading;
use crate::onnx::{Onnx, OnnxJob, Work};
use crate::owner::{self, Job, Serve, Setup};
use crate::vitals::Vitals;

/// Models loaded at once; the one used longest ago makes room.
const MODELS_MAX: usize = 8;
/// How long a model that makes room for another takes to go, about.
const UNLOAD_MS: u64 = 500;

/// The worker's state; only the thread that reads calls touches it.
pub(crate) struct Server {
    args: Args,
    backend: Arc<LlamaBackend>,
    outbox: Outbox,
    calls: Calls,
    catalog: Catalog,
    onnx: Onnx,
    models: HashMap<String, Loaded>,
    clock: u64,
    vitals: Vitals,
}

struct Loaded {
    queue: Queue,
    counters: Arc<Counters>,
    used_at: u64,
}

#[derive(Clone)]
enum Queue {
    Embedding(Arc<Inbox<EmbedJob>>),
    Chat(Arc<Inbox<ChatJob>>),
}

impl Server {
    pub(crate) fn new(args: Args, backend: Arc<LlamaBackend>, outbox: Outbox) -> Self {
        let given = args.given.iter().cloned();
        let (graphs, given) = given.partition(|(_, path)| gyre_onnx::folder::is_onnx(path));
        let onnx = Onnx::new(&args, graphs);
        let catalog = Catalog::new(args.models.clone(), given);
        Self {
            args,
            backend,
            outbox,
            calls: Calls::default(),
            catalog,
            onnx,
            models: HashMap::new(),
            clock: 0,
            vitals: Vitals::default(),
        }
    }

    /// Takes a call; `Break` when it was the last.
    pub(crate) fn take(&mut self, call: Call) -> ControlFlow<()> {
        let Call { id, request } = call;
        let refused = match request {
            Request::Embed { model, texts } if self.is_onnx(&model) => {
                self.onnx(id, &model, Work::Embed(texts))
            }
            Request::Run { model, inputs } => self.run(id, &model, inputs),
            Request::Embed { model, texts } => self.embed(id, &model, texts),
            Request::Chat {
                model,
                tenant,
                request_json,
            } => self.chat(id, &model, &tenant, &request_json),
            Request::Cancel => {
                self.calls.cancel(id);
                Ok(())
            }
            Request::Credit { deltas } => {
                self.calls.credit(id, deltas);
                Ok(())
            }
            Request::Models => {
                let models = self.list();
                self.outbox.send(id, Response::Models(models));
                Ok(())
            }
            Request::Find { model } => self.find(&model).map(|info| {
                self.outbox.send(id, Response::Models(vec![info]));
            }),
            Request::Load { model } => self.load(id, &model),
            Request::Stats => {
                self.outbox.send(id, Response::Stats(self.stats()));
                Ok(())
            }
            Request::Pulse => {
                self.outbox.send(id, Response::Pulses(self.vitals.pulses()));
                Ok(())
            }
            Request::Shutdown => return ControlFlow::Break(()),
        };
        if let Err(error) = refused {
            let error = self.with_all_names(error);
            self.outbox.send(id, Response::Error(error));
        }
        ControlFlow::Continue(())
    }

    fn embed(&mut self, id: u64, model: &str, texts: Vec<String>) -> Result<(), EngineError> {
        let entry = self.catalog.find(model)?;
        if !entry.info.embedding {
            return Err(EngineError::invalid(format!(
                "the model {model} makes no embeddings: name one that does"
            )));
        }
        match self.queue(entry)? {
            Queue::Embedding(inbox) => {
                let ticket = self.calls.open(id, &self.outbox, inbox.bell(), 0);
                push(&inbox, EmbedJob { ticket, texts });
                Ok(())
            }
            Queue::Chat(_) => Err(changed()),
        }
    }

    fn chat(&mut self, id: u64, model: &str, tenant: &str, request_json: &[u8]) -> Result<(), EngineError> {
        if self.is_onnx(model) {
            return Err(EngineError::invalid(format!(
                "the model {model} is a graph of tensors: name a chat model"
            )));
        }
        let entry = self.catalog.find(model)?;
        if entry.info.embedding {
            return Err(EngineError::invalid(format!(
                "the model {model} makes embeddings: name a chat model"
            )));
        }
        if !entry.info.chat {
            let message = format!(
                "the file of the model {model} has no chat template: use an instruct model, made for chat"
            );
            return Err(EngineError::invalid(message));
        }
        let request = chat::parse(request_json)?;
        match self.queue(entry)? {
            Queue::Chat(inbox) => {
                let ticket = self
                    .calls
                    .open(id, &self.outbox, inbox.bell(), self.args.delta_window);
                push(&inbox, ChatJob::new(ticket, request, tenant));
                Ok(())
            }
            Queue::Embedding(_) => Err(changed()),
        }
    }

    /// The model of this name, of either kind.
    fn find(&mut self, model: &str) -> Result<ModelInfo, EngineError> {
        match self.catalog.find(model) {
            Ok(entry) => Ok(entry.info),
            Err(EngineError::ModelNotFound { .. }) if self.onnx.has(model) => self.onnx.find(model),
            Err(error) => Err(error),
        }
    }

    /// Names the models of both kinds to whom there is none.
    fn with_all_names(&mut self, error: EngineError) -> EngineError {
        let EngineError::ModelNotFound { model, .. } = error else {
            return error;
        };
        let available = self.list().into_iter().map(|model| model.name).collect();
        EngineError::ModelNotFound { model, available }
    }

    /// All models; of two of one name only the GGUF file counts.
    fn list(&mut self) -> Vec<ModelInfo> {
        let mut models = self.catalog.list();
        let graphs = self.onnx.list().into_iter();
        let graphs: Vec<_> = graphs
            .filter(|graph| models.iter().all(|model| model.name != graph.name))
            .collect();
        models.extend(graphs);
        models.sort_by(|a, b| a.name.cmp(&b.name));
        models
    }

    fn is_onnx(&mut self, model: &str) -> bool {
        self.onnx.has(model) && matches!(self.catalog.find(model), Err(EngineError::ModelNotFound { .. }))
    }

    fn run(
        &mut self,
        id: u64,
        model: &str,
        inputs: Vec<gyre_engine_ipc::NamedTensor>,
    ) -> Result<(), EngineError> {
        self.find(model)?;
        if !self.is_onnx(model) {
            return Err(EngineError::invalid(format!(
                "the model {model} is no graph of tensors: name one whose file is ONNX"
            )));
        }
        self.onnx(id, model, Work::Run(inputs))
    }

    fn onnx(&mut self, id: u64, model: &str, work: Work) -> Result<(), EngineError> {
        let inbox = self.onnx.inbox(model)?;
        let ticket = self.calls.open(id, &self.outbox, inbox.bell(), 0);
        push(&inbox, OnnxJob { ticket, work });
        Ok(())
    }

    fn load(&mut self, id: u64, model: &str) -> Result<(), EngineError> {
        if self.is_onnx(model) {
            let inbox = self.onnx.inbox(model)?;
            let ticket = self.calls.open(id, &self.outbox, inbox.bell(), 0);
            inbox.loading().wait(ticket);
            return Ok(());
        }
        let entry = self.catalog.find(model)?;
        if !entry.info.embedding && !entry.info.chat {
            return Err(EngineError::invalid(format!(
                "the model {model} is made neither for chat nor for embeddings: name one that is"
            )));
        }
        let queue = self.queue(entry)?;
        let ticket = self.calls.open(id, &self.outbox, queue.bell(), 0);
        queue.loading().wait(ticket);
        Ok(())
    }

    /// The queue of a model whose thread runs.
    fn queue(&mut self, entry: Entry) -> Result<Queue, EngineError> {
        self.clock += 1;
        self.models.retain(|_, model| !model.queue.is_closed());
        if let Some(model) = self.models.get_mut(&entry.info.name) {
            model.used_at = self.clock;
            return Ok(model.queue.clone());
        }
        if self.models.len() >= MODELS_MAX {
            self.make_room();
        }
        let name = entry.info.name.clone();
        let counters = Arc::new(Counters::default());
        let embeds = entry.info.embedding;
        let setup = Setup {
            args: self.args.clone(),
            backend: Arc::clone(&self.backend),
            entry,
            counters: Arc::clone(&counters),
            vitals: self.vitals.clone(),
        };
        let queue = if embeds {
            Queue::Embedding(self.start(setup, embedding::serve)?)
        } else {
            Queue::Chat(self.start(setup, chat::serve)?)
        };
        self.models.insert(
            name,
            Loaded {
                queue: queue.clone(),
                counters,
                used_at: self.clock,
            },
        );
        Ok(queue)
    }

    fn start<J: Job>(&self, setup: Setup, serve: Serve<J>) -> Result<Arc<Inbox<J>>, EngineError> {
        let inbox = Arc::new(Inbox::new(self.args.queue_max, Arc::default()));
        owner::start(setup, Arc::clone(&inbox), serve)
            .map_err(|error| EngineError::internal(format!("no thread for the model: {error}")))?;
        Ok(inbox)
    }

    /// Lets the model used longest ago end once its calls are done.
    fn make_room(&mut self) {
        let oldest = self
            .models
            .iter()
            .min_by_key(|(_, model)| model.used_at)
            .map(|(name, _)| name.clone());
        if let Some(model) = oldest.and_then(|name| self.models.remove(&name)) {
            model.queue.close();
        }
    }

    fn stats(&self) -> Vec<gyre_engine_ipc::ModelStats> {
        self.models
            .iter()
            .map(|(name, model)| model.counters.read(name, model.queue.queued()))
            .chain(self.onnx.stats())
            .collect()
    }
}

impl Queue {
    fn bell(&self) -> &Arc<Bell> {
        match self {
            Self::Embedding(inbox) => inbox.bell(),
            Self::Chat(inbox) => inbox.bell(),
        }
    }

    fn loading(&self) -> &Loading {
        match self {
            Self::Embedding(inbox) => inbox.loading(),
            Self::Chat(inbox) => inbox.loading(),
        }
    }

    fn is_closed(&self) -> bool {
        match self {
            Self::Embedding(inbox) => inbox.is_closed(),
            Self::Chat(inbox) => inbox.is_closed(),
        }
    }

    fn close(&self) {
        match self {
            Self::Embedding(inbox) => inbox.close(),
            Self::Chat(inbox) => inbox.close(),
        }
    }

    fn queued(&self) -> [usize; 3] {
        match self {
            Self::Embedding(inbox) => inbox.queued(),
            Self::Chat(inbox) => inbox.queued(),
        }
    }
}

fn push<J: Job>(inbox: &Inbox<J>, job: J) {
    let (job, refusal) = match inbox.push(job) {
        Ok(()) => return,
        Err(Refused::Full(job, retry_after_ms)) => (job, EngineError::Overloaded { retry_after_ms }),
        Err(Refused::Closed(job, Some(failure))) => (job, failure),
        Err(Refused::Closed(job, None)) => (
            job,
            EngineError::Overloaded {
                retry_after_ms: UNLOAD_MS,
            },
        ),
    };
    job.into_ticket().fail(refusal);
}

/// The file under a loaded model became another kind of model.
fn changed() -> EngineError {
    EngineError::internal("the model's file was replaced by another kind of model: start gyre again")
}
