//! `POST /embed`: texts, answered by vectors.

use gyre_chat_wire::{ApiError, EmbeddingRequest, Embeddings, Encoding, Fields, parse_body};
use serde_json::{Value, json};

const TEXTS_MAX: usize = 2_048;

/// Reads the body.
pub fn parse_embed(body: &[u8]) -> Result<EmbeddingRequest, ApiError> {
    let value = parse_body(body)?;
    let fields = Fields::of(&value, "")?;
    let refused = || fields.refuse("input", "must be at least one text, and no empty one");
    let items = fields
        .array("input", TEXTS_MAX)?
        .map(Vec::as_slice)
        .unwrap_or_default();
    let text = |item: &Value| {
        let text = item.as_str().filter(|text| !text.is_empty());
        text.map(str::to_owned).ok_or_else(refused)
    };
    let texts: Vec<String> = items.iter().map(text).collect::<Result<_, _>>()?;
    if texts.is_empty() {
        return Err(refused());
    }
    Ok(EmbeddingRequest {
        model: fields.required("model")?.to_owned(),
        texts,
        encoding: Encoding::Float,
    })
}

/// The answer.
pub fn render_embed(made: &Embeddings) -> Result<Value, ApiError> {
    // JSON has no other numbers.
    if made.vectors.iter().flatten().any(|number| !number.is_finite()) {
        return Err(ApiError::new(
            502,
            "unreadable",
            "the model service made an embedding that holds what is no number",
        ));
    }
    Ok(json!({
        "embeddings": made.vectors,
        "usage": { "promptTokenCount": made.prompt_tokens },
    }))
}
