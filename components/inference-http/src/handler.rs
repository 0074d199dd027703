//! The port's interfaces: read the configuration, ask the server, hand on.

use crate::bindings::exports::gyre::inference::types::{
    ChatRequest, Completion, EmbedRequest, Embeddings, Error, Model,
};
use crate::bindings::exports::gyre::inference::{chat, embedding, models};
use crate::bindings::{Leaf, wit_future, wit_stream};
use crate::completion::Following;
use crate::config::{self, Config};
use crate::model_list;
use crate::upstream::Patience;

impl chat::Guest for Leaf {
    async fn complete(request: ChatRequest) -> Result<Completion, Error> {
        let config = configured(&request.model).await?;
        let patience = Patience::new(&config, request.budget.deadline_ms);
        let following = Following::start(&config, request, patience).await?;
        let model = following.model();
        let (mut writer, deltas) = wit_stream::new();
        let (outcome_writer, outcome) = wit_future::new(|| Err(Error::Cancelled));
        wit_bindgen::spawn(async move {
            let ended = following.run(&mut writer).await;
            drop(writer);
            // A reader that is gone needs no outcome.
            let _ = outcome_writer.write(ended).await;
        });
        Ok(Completion {
            model,
            deltas,
            outcome,
        })
    }
}

impl embedding::Guest for Leaf {
    async fn embed(request: EmbedRequest) -> Result<Embeddings, Error> {
        if request.texts.is_empty() {
            return Err(Error::Invalid(
                "no texts to embed; hint: give at least one".into(),
            ));
        }
        let config = configured(&request.model).await?;
        crate::embedding::embed(&config, request).await
    }
}

impl models::Guest for Leaf {
    async fn list() -> Result<Vec<Model>, Error> {
        match config::load().await? {
            Some(config) => model_list::list(&config).await,
            None => Ok(Vec::new()),
        }
    }
}

/// The configuration for a call of one model.
async fn configured(model: &str) -> Result<Config, Error> {
    let config = config::load().await?.ok_or_else(|| {
        Error::ModelNotFound(format!(
            "no model `{model}` here, because no model server is named; hint: set `upstream_url` of this component"
        ))
    })?;
    if config.offers(model) {
        return Ok(config);
    }
    Err(Error::ModelNotFound(format!(
        "the model `{model}` is not offered here; hint: name it in `upstream_models`, which now has: {}",
        config.offered.join(", ")
    )))
}
