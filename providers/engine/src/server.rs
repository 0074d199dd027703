//! Hands each call to the owner thread of its model, starting that thread when there is none.

mod graphs;

use std::ops::ControlFlow;
use std::sync::Arc;

use gyre_engine_ipc::EngineError;
use gyre_engine_ipc::wire::{Call, Request, Response};
use llama_cpp_2::llama_backend::LlamaBackend;

use crate::ability;
use crate::adapters;
use crate::args::Args;
use crate::call::{Calls, Outbox};
use crate::catalog::{Catalog, Entry};
use crate::chat::{self, ChatJob};
use crate::counters::Counters;
use crate::embedding::{EmbedJob, Embedding};
use crate::inbox::Inbox;
use crate::onnx::{Onnx, Work};
use crate::owner;
use crate::pooled;
use crate::presence::Presence;
use crate::queue::{Queue, push};
use crate::reranking::{RerankJob, Reranking};
use crate::residents::{Resident, Residents};
use crate::setup::{Job, Serve, Setup};
use crate::vitals::Vitals;

/// The worker's state; only the thread that reads calls touches it.
pub(crate) struct Server {
    args: Args,
    backend: Arc<LlamaBackend>,
    outbox: Outbox,
    calls: Calls,
    catalog: Catalog,
    onnx: Onnx,
    models: Residents,
    vitals: Vitals,
}

impl Server {
    /// Models may take so many bytes of memory together.
    pub(crate) fn new(args: Args, bytes_max: u64, backend: Arc<LlamaBackend>, outbox: Outbox) -> Self {
        let given = args.given.iter().cloned();
        let (graphs, given) = given.partition(|(_, path)| gyre_onnx::folder::is_onnx(path));
        let vitals = Vitals::default();
        let onnx = Onnx::new(&args, graphs, vitals.clone());
        let catalog = Catalog::new(args.models.clone(), given);
        Self {
            args,
            backend,
            outbox,
            calls: Calls::default(),
            catalog,
            onnx,
            models: Residents::new(bytes_max),
            vitals,
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
            Request::Unload { model } => self.unload(id, &model),
            Request::Rerank {
                model,
                query,
                documents,
            } => self.rerank(id, &model, query, documents),
            Request::Stats => {
                let stats = self.models.stats();
                self.outbox.send(id, Response::Stats(stats));
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
        ability::embeds(&entry.info)?;
        match self.queue(entry)? {
            Queue::Embedding(inbox) => {
                let ticket = self.calls.open(id, &self.outbox, inbox.bell(), 0);
                push(&inbox, EmbedJob { ticket, texts });
                Ok(())
            }
            _ => Err(changed()),
        }
    }

    fn rerank(
        &mut self,
        id: u64,
        model: &str,
        query: String,
        documents: Vec<String>,
    ) -> Result<(), EngineError> {
        self.is_no_graph(model, "one made for ranking")?;
        let entry = self.catalog.find(model)?;
        ability::ranks(&entry.info)?;
        match self.queue(entry)? {
            Queue::Ranking(inbox) => {
                let ticket = self.calls.open(id, &self.outbox, inbox.bell(), 0);
                let job = RerankJob {
                    ticket,
                    query,
                    documents,
                };
                push(&inbox, job);
                Ok(())
            }
            _ => Err(changed()),
        }
    }

    fn chat(&mut self, id: u64, model: &str, tenant: &str, request_json: &[u8]) -> Result<(), EngineError> {
        self.is_no_graph(model, "a chat model")?;
        let entry = self.catalog.find(model)?;
        ability::chats(&entry.info)?;
        let request = chat::parse(request_json)?;
        match self.queue(entry)? {
            Queue::Chat(inbox) => {
                let ticket = self
                    .calls
                    .open(id, &self.outbox, inbox.bell(), self.args.delta_window);
                push(&inbox, ChatJob::new(ticket, request, tenant));
                Ok(())
            }
            _ => Err(changed()),
        }
    }

    fn load(&mut self, id: u64, model: &str) -> Result<(), EngineError> {
        let queue = match self.is_onnx(model) {
            true => Queue::Graph(self.graph(model)?),
            false => {
                let entry = self.catalog.find(model)?;
                ability::is_of_use(&entry.info)?;
                self.queue(entry)?
            }
        };
        let ticket = self.calls.open(id, &self.outbox, queue.bell(), 0);
        queue.loading().wait(ticket);
        Ok(())
    }

    /// Answers when all memory of the model is free: no call of it is cut.
    fn unload(&mut self, id: u64, model: &str) -> Result<(), EngineError> {
        let leaving = self.models.close(model).pop();
        let Some(leaving) = leaving else {
            // Out of memory already, if there is such a model.
            self.find(model)?;
            self.outbox.send(id, Response::Unloaded);
            return Ok(());
        };
        let ticket = self.calls.open(id, &self.outbox, leaving.queue.bell(), 0);
        leaving.presence.tell(ticket);
        Ok(())
    }

    /// The queue of a model whose thread runs.
    fn queue(&mut self, entry: Entry) -> Result<Queue, EngineError> {
        let name = entry.info.name.clone();
        if let Some(queue) = self.models.queue(&name) {
            return Ok(queue);
        }
        let adapters = adapters::files(&self.args.models, &name)?;
        let mut memory = match entry.info.chat {
            true => entry.shape.of_chat(&self.args),
            false => entry.shape.of_pooled(&self.args),
        };
        let draft = self.args.draft_of(&name).filter(|_| entry.info.chat);
        let draft = draft.map(|draft| self.catalog.find(draft)).transpose()?;
        if let Some(draft) = &draft {
            memory = memory.plus(&draft.shape.of_draft(&self.args));
        }
        memory.weights = memory.weights.saturating_add(adapters::bytes(&adapters));
        let after = self.models.make_room(&name, memory)?;
        let counters = Arc::new(Counters::default());
        let presence = Arc::<Presence>::default();
        let kind = entry.info.clone();
        let setup = Setup {
            args: self.args.clone(),
            backend: Arc::clone(&self.backend),
            entry,
            adapters,
            draft,
            counters: Arc::clone(&counters),
            presence: Arc::clone(&presence),
            after,
            vitals: self.vitals.clone(),
        };
        let queue = if kind.embedding {
            Queue::Embedding(self.start(setup, pooled::serve::<Embedding>)?)
        } else if kind.rerank {
            Queue::Ranking(self.start(setup, pooled::serve::<Reranking>)?)
        } else {
            Queue::Chat(self.start(setup, chat::serve)?)
        };
        self.models.insert(Resident {
            name,
            queue: queue.clone(),
            counters,
            presence,
            memory,
        });
        Ok(queue)
    }

    fn start<J: Job>(&self, setup: Setup, serve: Serve<J>) -> Result<Arc<Inbox<J>>, EngineError> {
        let inbox = Arc::new(Inbox::new(self.args.queue_max, Arc::default()));
        owner::start(setup, Arc::clone(&inbox), serve)
            .map_err(|error| EngineError::internal(format!("no thread for the model: {error}")))?;
        Ok(inbox)
    }
}

/// The file under a loaded model became another kind of model.
fn changed() -> EngineError {
    EngineError::internal("the model's file was replaced by another kind of model: start gyre again")
}
