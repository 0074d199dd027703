//! Vectors of texts: `batchEmbedContents`.

use crate::method;
use gyre_chat_wire::{ApiError, Embeddings, WireError};
use serde::Deserialize;
use serde_json::{Value, json};

/// Texts that one request may hold, as the API has it.
pub const TEXTS_MAX: usize = 100;

/// The body of a request for the vectors of `texts`.
pub fn embedding_request_json(model: &str, texts: &[String]) -> Result<Vec<u8>, ApiError> {
    let model = method::resource(model)?;
    if texts.is_empty() || texts.len() > TEXTS_MAX {
        let what = format!(
            "`input` holds {} texts, and Gemini's API takes 1 to {TEXTS_MAX} at once; hint: send them in parts",
            texts.len()
        );
        return Err(ApiError::invalid("input", what));
    }
    let request = |text: &String| json!({ "model": model, "content": { "parts": [{ "text": text }] } });
    let requests: Vec<Value> = texts.iter().map(request).collect();
    Ok(json!({ "requests": requests }).to_string().into_bytes())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    embeddings: Vec<Embedding>,
    #[serde(default)]
    usage_metadata: Option<Usage>,
}

#[derive(Deserialize)]
struct Embedding {
    values: Vec<f32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Usage {
    #[serde(default)]
    prompt_token_count: u32,
}

/// Reads the answer to a request for `texts` vectors of `model`. Tokens are counted where the answer tells them.
pub fn parse_embeddings(body: &[u8], model: &str, texts: usize) -> Result<Embeddings, WireError> {
    let body: Body =
        serde_json::from_slice(body).map_err(|error| WireError(format!("embeddings: {error}")))?;
    let vectors: Vec<Vec<f32>> = body.embeddings.into_iter().map(|it| it.values).collect();
    if vectors.len() != texts {
        return Err(WireError(format!(
            "{} embeddings for {texts} texts",
            vectors.len()
        )));
    }
    let dimension = vectors.first().map_or(0, Vec::len);
    if vectors.iter().any(|it| it.is_empty() || it.len() != dimension) {
        return Err(WireError("embeddings of different dimensions".into()));
    }
    Ok(Embeddings {
        model: model.to_owned(),
        vectors,
        prompt_tokens: body.usage_metadata.map_or(0, |it| it.prompt_token_count),
    })
}
