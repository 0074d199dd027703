//! The handle: what the host calls.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::chat::ChatStream;
use crate::connection::{Connection, Phase};
use crate::guard::Guard;
use crate::wire::{
    DOCUMENTS_MAX, Embeddings, ModelInfo, ModelStats, Request, Response, Scores, TENANT_BYTES_MAX, TEXTS_MAX,
};
use crate::{EngineConfig, EngineError, NamedTensor, supervisor, tensor};

/// A handle on the worker; clones share it. The worker ends when the last handle and call are gone.
#[derive(Clone)]
pub struct Engine {
    connection: Arc<Connection>,
    guard: Arc<Guard>,
}

/// How the worker does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineStatus {
    /// Process id of the worker that takes calls now.
    pub pid: Option<u32>,
    /// Why there is none and none can be started.
    pub unavailable: Option<String>,
    /// Times the worker died and was started again.
    pub restarts: u64,
    /// Calls in flight.
    pub calls: usize,
}

impl Engine {
    /// Starts the worker and its supervisor. Never fails: calls tell when no worker can be started.
    ///
    /// Must be called within a Tokio runtime.
    pub fn start(config: EngineConfig) -> Self {
        let connection = Arc::new(Connection::new(config));
        let (guard, stopped) = Guard::new();
        tokio::spawn(supervisor::run(Arc::clone(&connection), stopped));
        Self {
            connection,
            guard: Arc::new(guard),
        }
    }

    /// Embeds all texts or none. Dropping the future cancels.
    pub async fn embed(&self, model: &str, texts: Vec<String>) -> Result<Embeddings, EngineError> {
        if texts.is_empty() {
            return Err(EngineError::invalid(
                "there is no text to embed: send at least one",
            ));
        }
        if texts.len() > TEXTS_MAX {
            let message = format!("{} texts in one call: send at most {TEXTS_MAX}", texts.len());
            return Err(EngineError::invalid(message));
        }
        match self
            .ask(Request::Embed {
                model: model.to_owned(),
                texts,
            })
            .await?
        {
            Response::Embeddings(embeddings) => Ok(embeddings),
            _ => Err(unexpected()),
        }
    }

    /// Runs a graph once. Tensors are checked before anything is sent. Dropping the future cancels.
    pub async fn run(&self, model: &str, inputs: Vec<NamedTensor>) -> Result<Vec<NamedTensor>, EngineError> {
        tensor::check_all(&inputs)?;
        let model = model.to_owned();
        match self.ask(Request::Run { model, inputs }).await? {
            Response::Tensors(outputs) => Ok(outputs),
            _ => Err(unexpected()),
        }
    }

    /// Starts a completion from `gyre-chat/1` JSON. Dropping the future or the stream cancels.
    ///
    /// `tenant` is who is charged, such as the component that asks; the request's own `tenant` divides it.
    pub async fn chat(
        &self,
        model: &str,
        tenant: &str,
        request_json: Vec<u8>,
    ) -> Result<ChatStream, EngineError> {
        if tenant.is_empty() || tenant.len() > TENANT_BYTES_MAX || tenant.contains('/') {
            return Err(EngineError::invalid(format!(
                "the host's name for a tenant must have 1 to {TENANT_BYTES_MAX} bytes and no slash"
            )));
        }
        let request = Request::Chat {
            model: model.to_owned(),
            tenant: tenant.to_owned(),
            request_json,
        };
        let pending = self.connection.open(request).await?;
        Ok(ChatStream::new(
            pending,
            model.to_owned(),
            self.connection.config.delta_window,
            Arc::clone(&self.guard),
        ))
    }

    /// The models in the models folder. One whose file is broken is listed as able to do nothing.
    pub async fn models(&self) -> Result<Vec<ModelInfo>, EngineError> {
        match self.ask(Request::Models).await? {
            Response::Models(models) => Ok(models),
            _ => Err(unexpected()),
        }
    }

    /// The model of this name, if its file is there and whole; it is not loaded by this.
    pub async fn find(&self, model: &str) -> Result<ModelInfo, EngineError> {
        match self
            .ask(Request::Find {
                model: model.to_owned(),
            })
            .await?
        {
            Response::Models(mut models) => models.pop().ok_or_else(unexpected),
            _ => Err(unexpected()),
        }
    }

    /// Loads a model, if it is not loaded yet, and waits until it takes calls. `progress` is told how much of it
    /// is there, from 0 to 1. Dropping the future does not stop the loading.
    pub async fn load(&self, model: &str, mut progress: impl FnMut(f32)) -> Result<(), EngineError> {
        let model = model.to_owned();
        let mut pending = self.connection.open(Request::Load { model }).await?;
        loop {
            match pending.next().await? {
                Response::Progress { fraction } => progress(fraction),
                Response::Loaded => return Ok(()),
                _ => return Err(unexpected()),
            }
        }
    }

    /// Takes a model out of memory once its calls are done, and waits for that; a model that is not loaded is out of
    /// it. The next call that names it loads it again.
    pub async fn unload(&self, model: &str) -> Result<(), EngineError> {
        let model = model.to_owned();
        match self.ask(Request::Unload { model }).await? {
            Response::Unloaded => Ok(()),
            _ => Err(unexpected()),
        }
    }

    /// Ranks all documents by a query, or none. Dropping the future cancels.
    pub async fn rerank(
        &self,
        model: &str,
        query: String,
        documents: Vec<String>,
    ) -> Result<Scores, EngineError> {
        if documents.is_empty() || documents.len() > DOCUMENTS_MAX {
            let message = format!(
                "{} documents in one call: send 1 to {DOCUMENTS_MAX}",
                documents.len()
            );
            return Err(EngineError::invalid(message));
        }
        let model = model.to_owned();
        let request = Request::Rerank {
            model,
            query,
            documents,
        };
        match self.ask(request).await? {
            Response::Scores(scores) => Ok(scores),
            _ => Err(unexpected()),
        }
    }

    /// What the models loaded now did, and the memory that they take.
    pub async fn stats(&self) -> Result<Vec<ModelStats>, EngineError> {
        match self.ask(Request::Stats).await? {
            Response::Stats(stats) => Ok(stats),
            _ => Err(unexpected()),
        }
    }

    /// How the worker does, without asking it.
    pub fn status(&self) -> EngineStatus {
        let phase = self.connection.phase.borrow().clone();
        let (pid, unavailable) = match phase {
            Phase::Up { pid } => (Some(pid), None),
            Phase::Unavailable { reason } => (None, Some(reason)),
            Phase::Starting | Phase::Stopped => (None, None),
        };
        let restarts = self.connection.restarts.load(Ordering::Relaxed);
        EngineStatus {
            pid,
            unavailable,
            restarts,
            calls: self.connection.calls_in_flight(),
        }
    }

    /// Ends the worker and waits until it is gone; calls in flight fail.
    pub async fn shutdown(&self) {
        self.guard.stop();
        let mut phase = self.connection.phase.subscribe();
        // An error means that the supervisor is gone already.
        phase.wait_for(|phase| matches!(phase, Phase::Stopped)).await.ok();
    }

    async fn ask(&self, request: Request) -> Result<Response, EngineError> {
        let mut pending = self.connection.open(request).await?;
        pending.next().await
    }
}

fn unexpected() -> EngineError {
    EngineError::internal("the worker answered something else than it was asked")
}
