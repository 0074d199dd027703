//! The queue of a loaded model, whatever it is for.

use std::sync::Arc;

use crate::bell::Bell;
use crate::chat::ChatJob;
use crate::embedding::EmbedJob;
use crate::inbox::{Inbox, Refused};
use crate::loading::Loading;
use crate::onnx::OnnxJob;
use crate::reranking::RerankJob;
use crate::setup::Job;
use gyre_engine_ipc::EngineError;

/// How long a model that makes room for another takes to go, about.
const UNLOAD_MS: u64 = 500;

/// The queue of a model by what it is for.
#[derive(Clone)]
pub(crate) enum Queue {
    Embedding(Arc<Inbox<EmbedJob>>),
    Ranking(Arc<Inbox<RerankJob>>),
    Chat(Arc<Inbox<ChatJob>>),
    Graph(Arc<Inbox<OnnxJob>>),
}

macro_rules! any {
    ($queue:expr, $inbox:ident => $then:expr) => {
        match $queue {
            Queue::Embedding($inbox) => $then,
            Queue::Ranking($inbox) => $then,
            Queue::Chat($inbox) => $then,
            Queue::Graph($inbox) => $then,
        }
    };
}

impl Queue {
    pub(crate) fn bell(&self) -> &Arc<Bell> {
        any!(self, inbox => inbox.bell())
    }

    pub(crate) fn loading(&self) -> &Loading {
        any!(self, inbox => inbox.loading())
    }

    pub(crate) fn is_closed(&self) -> bool {
        any!(self, inbox => inbox.is_closed())
    }

    pub(crate) fn close(&self) {
        any!(self, inbox => inbox.close());
    }

    /// How many wait: of low, normal and high priority.
    pub(crate) fn queued(&self) -> [usize; 3] {
        any!(self, inbox => inbox.queued())
    }
}

/// Puts a job into a queue, or answers that it cannot.
pub(crate) fn push<J: Job>(inbox: &Inbox<J>, job: J) {
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
