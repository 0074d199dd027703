//! The list of models, a page at a time.

use gyre_chat_wire::{ModelEntry, WireError};
use serde::Deserialize;

/// A page of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelPage {
    /// Its models.
    pub models: Vec<ModelEntry>,
    /// What asks for the next page, where there is one.
    pub page_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    #[serde(default)]
    models: Vec<Model>,
    #[serde(default)]
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Model {
    name: String,
    #[serde(default)]
    supported_generation_methods: Vec<String>,
}

/// Reads the answer to a request for models. Those that neither chat nor embed, as makers of images, are left out.
pub fn parse_models(body: &[u8]) -> Result<ModelPage, WireError> {
    let body: Body =
        serde_json::from_slice(body).map_err(|error| WireError(format!("a list of models: {error}")))?;
    Ok(ModelPage {
        models: body.models.into_iter().filter_map(entry).collect(),
        page_token: body.next_page_token.filter(|it| !it.is_empty()),
    })
}

fn entry(model: Model) -> Option<ModelEntry> {
    let does = |method: &str| model.supported_generation_methods.iter().any(|it| it == method);
    let abilities = [("generateContent", "chat"), ("embedContent", "embedding")];
    let abilities: Vec<String> = abilities
        .into_iter()
        .filter(|(method, _)| does(method))
        .map(|(_, ability)| ability.to_owned())
        .collect();
    (!abilities.is_empty()).then(|| ModelEntry {
        id: model
            .name
            .strip_prefix("models/")
            .unwrap_or(&model.name)
            .to_owned(),
        owned_by: "google".into(),
        abilities,
    })
}
