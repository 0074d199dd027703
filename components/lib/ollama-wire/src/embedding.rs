//! `POST /api/embed` and its older form `POST /api/embeddings`.

use crate::answer::Timings;
use crate::failure::out_of_place;
use crate::keep_alive::{self, KeepAlive};
use crate::options;
use gyre_chat_wire::{ApiError, EmbeddingRequest, Embeddings, Encoding, Fields, parse_body};
use serde_json::{Value, json};

const TEXTS_MAX: usize = 2_048;

/// What a client asks.
#[derive(Debug, Clone, PartialEq)]
pub struct Embed {
    /// The model it names.
    pub model: String,
    /// What to embed; `None` where there is nothing, which is answered by no vectors if there is such a model.
    pub request: Option<EmbeddingRequest>,
    /// How long it wishes the model to stay in memory.
    pub keep_alive: Option<KeepAlive>,
}

/// Reads the body of `POST /api/embed`.
pub fn parse_embed(body: &[u8]) -> Result<Embed, ApiError> {
    let value = parse_body(body)?;
    let fields = Fields::of(&value, "")?;
    if fields.flag("truncate")? {
        let what = "must be false: a text that does not fit is refused; hint: leave it out";
        return Err(fields.refuse("truncate", what));
    }
    if fields.whole("dimensions")?.is_some_and(|count| count > 0) {
        let what = "is not supported: vectors have the model's own dimension; hint: leave it out";
        return Err(fields.refuse("dimensions", what));
    }
    let texts = match fields.get("input") {
        Some(Value::String(text)) if text.is_empty() => Vec::new(),
        Some(Value::String(text)) => vec![text.clone()],
        _ => {
            let items = fields.array("input", TEXTS_MAX)?.map(Vec::as_slice);
            let text = |item: &Value| {
                let text = item.as_str().filter(|text| !text.is_empty());
                let text = text.map(str::to_owned);
                text.ok_or_else(|| fields.refuse("input", "must be texts, and no empty one"))
            };
            items
                .unwrap_or_default()
                .iter()
                .map(text)
                .collect::<Result<_, _>>()?
        }
    };
    embed(&fields, texts)
}

/// Reads the body of `POST /api/embeddings`: one text.
pub fn parse_embeddings(body: &[u8]) -> Result<Embed, ApiError> {
    let value = parse_body(body)?;
    let fields = Fields::of(&value, "")?;
    let text = fields.string("prompt")?.filter(|text| !text.is_empty());
    embed(&fields, text.map(str::to_owned).into_iter().collect())
}

fn embed(fields: &Fields<'_>, texts: Vec<String>) -> Result<Embed, ApiError> {
    let model = fields.required("model")?.to_owned();
    if let Some(options) = fields.object("options")? {
        options::refuse_unsupported(&options)?;
        if options.get("num_ctx").is_some() {
            let what = "is not supported for embeddings: the model's own context applies; hint: leave it out";
            return Err(options.refuse("num_ctx", what));
        }
    }
    let request = (!texts.is_empty()).then(|| EmbeddingRequest {
        model: model.clone(),
        texts,
        encoding: Encoding::Float,
    });
    Ok(Embed {
        model,
        request,
        keep_alive: keep_alive::read(fields)?,
    })
}

/// The answer of `/api/embed`: vectors of length 1, as Ollama has them.
pub fn render_embed(made: &Embeddings, timings: &Timings) -> Result<Value, ApiError> {
    let vectors: Result<Vec<_>, _> = made.vectors.iter().map(|vector| unit(vector)).collect();
    Ok(json!({
        "model": made.model,
        "embeddings": vectors?,
        "total_duration": timings.total_ns,
        "load_duration": timings.load_ns,
        "prompt_eval_count": made.prompt_tokens,
    }))
}

/// The answer of `/api/embeddings`: the vector as the model gave it; an empty one where there was no text.
pub fn render_embeddings(made: &Embeddings) -> Result<Value, ApiError> {
    let vector = made.vectors.first().map(Vec::as_slice).unwrap_or_default();
    Ok(json!({ "embedding": finite(vector)? }))
}

/// JSON has no other numbers.
fn finite(vector: &[f32]) -> Result<&[f32], ApiError> {
    if vector.iter().all(|number| number.is_finite()) {
        return Ok(vector);
    }
    Err(out_of_place("made an embedding that holds what is no number"))
}

fn unit(vector: &[f32]) -> Result<Vec<f32>, ApiError> {
    let sum: f64 = finite(vector)?.iter().map(|it| f64::from(*it).powi(2)).sum();
    let length = sum.sqrt().max(1e-12);
    #[expect(clippy::cast_possible_truncation, reason = "vectors are of this precision")]
    let scaled = vector.iter().map(|it| (f64::from(*it) / length) as f32).collect();
    Ok(scaled)
}
