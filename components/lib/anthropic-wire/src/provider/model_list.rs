//! The list of models, a page at a time.

use gyre_chat_wire::{ModelEntry, WireError};
use serde::Deserialize;

/// A page of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelPage {
    /// Its models.
    pub models: Vec<ModelEntry>,
    /// Value of the query's `after_id` for the next page, where there is one.
    pub after_id: Option<String>,
}

#[derive(Deserialize)]
struct Body {
    data: Vec<Model>,
    #[serde(default)]
    has_more: bool,
    #[serde(default)]
    last_id: Option<String>,
}

#[derive(Deserialize)]
struct Model {
    id: String,
    #[serde(default)]
    lifecycle: Option<String>,
}

/// Reads the answer to a request for models. Those that are retired answer no more, and are left out.
pub fn parse_models(body: &[u8]) -> Result<ModelPage, WireError> {
    let body: Body =
        serde_json::from_slice(body).map_err(|error| WireError(format!("a list of models: {error}")))?;
    let alive = |model: &Model| model.lifecycle.as_deref() != Some("retired");
    let entry = |model: Model| ModelEntry {
        id: model.id,
        owned_by: "anthropic".into(),
        abilities: vec!["chat".into()],
    };
    Ok(ModelPage {
        models: body.data.into_iter().filter(alive).map(entry).collect(),
        after_id: body.last_id.filter(|_| body.has_more),
    })
}
