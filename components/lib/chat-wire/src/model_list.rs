//! The list of models, both sides.

use crate::error::WireError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A model in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelEntry {
    /// Name to use in requests.
    pub id: String,
    /// Who serves it.
    #[serde(default)]
    pub owned_by: String,
    /// What it can do: `chat`, `embedding` (an extension; empty when the server does not say).
    #[serde(default)]
    pub abilities: Vec<String>,
}

/// The body of `GET /v1/models`.
#[must_use]
pub fn render_models(models: &[ModelEntry]) -> Value {
    let data: Vec<Value> = models
        .iter()
        .map(|model| {
            json!({
                "id": model.id,
                "object": "model",
                // No time is known for a local file; OpenAI's clients need a number.
                "created": 0,
                "owned_by": model.owned_by,
                "abilities": model.abilities,
            })
        })
        .collect();
    json!({ "object": "list", "data": data })
}

#[derive(Deserialize)]
struct Body {
    data: Vec<ModelEntry>,
}

/// Reads a list of models, for clients.
pub fn parse_models(body: &[u8]) -> Result<Vec<ModelEntry>, WireError> {
    let body: Body =
        serde_json::from_slice(body).map_err(|error| WireError(format!("a list of models: {error}")))?;
    Ok(body.data)
}
