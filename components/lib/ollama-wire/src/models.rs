//! What is told of models: `/api/tags`, `/api/show`, `/api/ps`, `/api/version`.

use crate::timestamp;
use gyre_chat_wire::{ApiError, Fields, parse_body};
use serde_json::{Map, Value, json};

/// What is known of a model. What is not known is told as Ollama tells what it does not know: empty or 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelFacts {
    /// Name to use in requests.
    pub name: String,
    /// What it can do, in the words of `GET /v1/models`: `chat`, `embedding`, `tools`.
    pub abilities: Vec<String>,
    /// When its file last changed, in milliseconds since the Unix epoch.
    pub modified_ms: Option<u64>,
    /// Bytes of its file.
    pub size_bytes: Option<u64>,
    /// SHA-256 of its file, in hexadecimal.
    pub digest: Option<String>,
    /// Format of its file, such as `gguf`.
    pub format: Option<String>,
    /// Architecture, such as `llama`.
    pub family: Option<String>,
    /// Number of parameters, such as `7B`.
    pub parameter_size: Option<String>,
    /// Such as `Q4_K_M`.
    pub quantization: Option<String>,
    /// Tokens that its context holds.
    pub context_tokens: Option<u32>,
    /// Numbers of an embedding.
    pub embedding_dimension: Option<u32>,
    /// Its chat template.
    pub template: Option<String>,
    /// Its licence.
    pub license: Option<String>,
}

/// A model in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// Which.
    pub model: ModelFacts,
    /// When it leaves memory, in milliseconds since the Unix epoch; `None` is not before the server ends.
    pub expires_ms: Option<u64>,
    /// Bytes of it in an accelerator's memory.
    pub vram_bytes: u64,
}

/// A name without the tag that says nothing: to Ollama `talk:latest` and `talk` are one.
#[must_use]
pub fn plain_name(name: &str) -> &str {
    name.strip_suffix(":latest").unwrap_or(name)
}

/// The model that the body of `POST /api/show` names.
pub fn parse_show(body: &[u8]) -> Result<String, ApiError> {
    let value = parse_body(body)?;
    let fields = Fields::of(&value, "")?;
    for (name, why) in [
        (
            "system",
            "is not supported: models have no system prompt of their own here",
        ),
        ("template", "is not supported: templates are not tried out here"),
    ] {
        if fields.string(name)?.is_some_and(|text| !text.is_empty()) {
            return Err(fields.refuse(name, why));
        }
    }
    // `name` is the older word.
    let older = || fields.string("name").map(|name| name.filter(|it| !it.is_empty()));
    match fields.string("model")?.filter(|name| !name.is_empty()) {
        Some(name) => Ok(name.to_owned()),
        None => Ok(older()?
            .ok_or_else(|| fields.refuse("model", "is missing or empty"))?
            .to_owned()),
    }
}

/// The answer of `GET /api/tags`.
#[must_use]
pub fn render_tags(models: &[ModelFacts]) -> Value {
    let entry = |model: &ModelFacts| {
        let mut entry = listed(model);
        entry["modified_at"] = modified(model);
        entry["capabilities"] = capabilities(model);
        entry
    };
    json!({ "models": models.iter().map(entry).collect::<Vec<_>>() })
}

/// The answer of `POST /api/show`.
#[must_use]
pub fn render_show(model: &ModelFacts) -> Value {
    let mut info = Map::new();
    if let Some(family) = &model.family {
        info.insert("general.architecture".into(), json!(family));
        let numbers = [
            ("context_length", model.context_tokens),
            ("embedding_length", model.embedding_dimension),
        ];
        for (name, number) in numbers {
            if let Some(number) = number {
                info.insert(format!("{family}.{name}"), json!(number));
            }
        }
    }
    json!({
        "license": model.license.as_deref().unwrap_or_default(),
        "modelfile": "",
        "parameters": "",
        "template": model.template.as_deref().unwrap_or_default(),
        "details": details(model),
        "model_info": info,
        "capabilities": capabilities(model),
        "modified_at": modified(model),
    })
}

/// The answer of `GET /api/ps`.
#[must_use]
pub fn render_running(running: &[Running]) -> Value {
    let entry = |it: &Running| {
        let mut entry = listed(&it.model);
        let expires = it.expires_ms.map(timestamp::rfc3339);
        // Ollama's word for never is a time after all others.
        entry["expires_at"] = json!(expires.unwrap_or_else(|| "9999-12-31T23:59:59Z".into()));
        entry["size_vram"] = json!(it.vram_bytes);
        entry["context_length"] = json!(it.model.context_tokens.unwrap_or_default());
        entry
    };
    json!({ "models": running.iter().map(entry).collect::<Vec<_>>() })
}

/// The answer of `GET /api/version`. Some clients look for the version of Ollama whose API this is.
#[must_use]
pub fn render_version(version: &str) -> Value {
    json!({ "version": version })
}

fn listed(model: &ModelFacts) -> Value {
    json!({
        "name": model.name,
        "model": model.name,
        "size": model.size_bytes.unwrap_or_default(),
        "digest": model.digest.as_deref().unwrap_or_default(),
        "details": details(model),
    })
}

fn details(model: &ModelFacts) -> Value {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    json!({
        "parent_model": "",
        "format": text(&model.format),
        "family": text(&model.family),
        "families": model.family.iter().collect::<Vec<_>>(),
        "parameter_size": text(&model.parameter_size),
        "quantization_level": text(&model.quantization),
        "context_length": model.context_tokens.unwrap_or_default(),
        "embedding_length": model.embedding_dimension.unwrap_or_default(),
    })
}

fn modified(model: &ModelFacts) -> Value {
    let time = model.modified_ms.map(timestamp::rfc3339);
    json!(time.unwrap_or_else(|| timestamp::NEVER.into()))
}

/// In Ollama's words; an ability that it has no word for is told as it is.
fn capabilities(model: &ModelFacts) -> Value {
    let word = |ability: &String| match ability.as_str() {
        "chat" => "completion".to_owned(),
        other => other.to_owned(),
    };
    model.abilities.iter().map(word).collect()
}
