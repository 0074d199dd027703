//! Embeddings from the model API of `router`.

use gyre_chain::CallContext;
use gyre_chain::send::Call;
use gyre_chat_wire::{embedding_request_json, parse_embeddings, parse_error};

use crate::embedding::{BATCH, NoEmbeddings};

/// Longest answer that is read: a batch of vectors with 8,192 dimensions in base64.
const ANSWER_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Embeds with one model. After the first failure it says the same again without asking.
pub(crate) struct Embedder<'a> {
    model: &'a str,
    context: &'a CallContext,
    failure: Option<NoEmbeddings>,
}

impl<'a> Embedder<'a> {
    pub(crate) fn new(model: &'a str, context: &'a CallContext) -> Self {
        Self {
            model,
            context,
            failure: None,
        }
    }

    pub(crate) fn model(&self) -> &'a str {
        self.model
    }

    /// Vectors in the order of the texts.
    pub(crate) async fn embed(&mut self, texts: &[String]) -> Result<Vec<Vec<f32>>, NoEmbeddings> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        let mut vectors = Vec::with_capacity(texts.len());
        for batch in texts.chunks(BATCH) {
            match self.embed_batch(batch).await {
                Ok(batch) => vectors.extend(batch),
                Err(failure) => {
                    self.failure = Some(failure.clone());
                    return Err(failure);
                }
            }
        }
        Ok(vectors)
    }

    async fn embed_batch(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, NoEmbeddings> {
        let body = embedding_request_json(self.model, texts);
        let (status, answer) = Call::post("router", "/v1/embeddings", body)
            .fetch(self.context, ANSWER_BYTES_MAX)
            .await
            .map_err(|error| NoEmbeddings::unreachable(self.model, &error.to_string()))?;
        if status != 200 {
            return Err(NoEmbeddings::refused(self.model, &parse_error(status, &answer)));
        }
        let embeddings = parse_embeddings(&answer, texts.len())
            .map_err(|error| NoEmbeddings::unreachable(self.model, &error.to_string()))?;
        Ok(embeddings.vectors)
    }
}
