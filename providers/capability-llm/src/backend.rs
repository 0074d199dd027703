//! What answers.

use crate::bindings::fermyon::spin::llm::{EmbeddingsResult, Error, InferencingParams, InferencingResult};
use crate::local;
use crate::remote::Remote;
use gyre_engine_ipc::Engine;

/// What answers the prompts of an application.
#[derive(Clone)]
pub enum Backend {
    /// Nothing: every model is absent, and says so.
    None,
    /// The host's own engine.
    Engine(Engine),
    /// A server that speaks Spin's protocol.
    Remote(Remote),
}

impl Backend {
    pub(crate) async fn infer(
        &self,
        tenant: &str,
        model: &str,
        prompt: String,
        params: InferencingParams,
    ) -> Result<InferencingResult, Error> {
        match self {
            Self::None => Err(absent(model)),
            Self::Engine(engine) => local::infer(engine, tenant, model, prompt, params).await,
            Self::Remote(remote) => remote.infer(model, &prompt, params).await,
        }
    }

    pub(crate) async fn embed(&self, model: &str, texts: Vec<String>) -> Result<EmbeddingsResult, Error> {
        match self {
            Self::None => Err(absent(model)),
            Self::Engine(engine) => local::embed(engine, model, texts).await,
            Self::Remote(remote) => remote.embed(model, &texts).await,
        }
    }
}

fn absent(model: &str) -> Error {
    Error::RuntimeError(format!(
        "no model runs here, so neither does `{model}`; hint: `gyre up` runs local models, or name a server as \
         [llm_compute] in the runtime configuration"
    ))
}
