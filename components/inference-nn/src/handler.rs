//! The port's interfaces: parse, call, render.

use crate::bindings::exports::gyre::inference::types::{
    ChatRequest, Completion, EmbedRequest, Embeddings, Error, Model,
};
use crate::bindings::exports::gyre::inference::{chat, embedding, models};
use crate::bindings::{Leaf, wit_future, wit_stream};
use crate::chat::Decoding;
use crate::tensors::Session;
use crate::{errors, protocol, request};

impl chat::Guest for Leaf {
    async fn complete(request: ChatRequest) -> Result<Completion, Error> {
        let json = request::request_json(&request).map_err(Error::Invalid)?;
        let decoding = Decoding::start(&request.model, &json, request.budget.deadline_ms)?;
        let (mut writer, deltas) = wit_stream::new();
        let (outcome_writer, outcome) = wit_future::new(|| Err(Error::Cancelled));
        wit_bindgen::spawn(async move {
            let ended = decoding.run(&mut writer).await;
            drop(writer);
            // A reader that is gone needs no outcome.
            let _ = outcome_writer.write(ended).await;
        });
        Ok(Completion {
            model: request.model,
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
        let texts = serde_json::to_vec(&request.texts)
            .map_err(|error| Error::Invalid(format!("the texts cannot be written as JSON: {error}")))?;
        let outputs = Session::open(&request.model)?.compute_with("texts", &texts)?;
        let (shape, data) = outputs.floats("vectors")?;
        let vectors = protocol::vectors(&shape, &data, request.texts.len()).map_err(errors::protocol)?;
        let usage = protocol::embed_usage(&outputs.required("usage")?).map_err(errors::protocol)?;
        Ok(Embeddings {
            model: usage.model,
            vectors,
            prompt_tokens: usage.prompt_tokens,
        })
    }
}

impl models::Guest for Leaf {
    async fn list() -> Result<Vec<Model>, Error> {
        let outputs = Session::open(protocol::CATALOG)?.compute()?;
        protocol::models(&outputs.required("models")?).map_err(errors::protocol)
    }
}
