//! Requests for embeddings and their answers, both sides.

use crate::error::{ApiError, WireError};
use crate::fields::{Fields, parse_body};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

/// Texts that one request may hold, as OpenAI has it.
const TEXTS_MAX: usize = 2_048;

/// How vectors stand in the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Arrays of numbers.
    Float,
    /// Base64 of little-endian 32-bit floats.
    Base64,
}

/// A request for embeddings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbeddingRequest {
    /// Model name.
    pub model: String,
    /// Texts, at least one, none empty.
    pub texts: Vec<String>,
    /// How the answer writes vectors.
    pub encoding: Encoding,
}

/// Embeddings, one a text, in the order of the texts.
#[derive(Debug, Clone, PartialEq)]
pub struct Embeddings {
    /// The model that made them.
    pub model: String,
    /// The vectors.
    pub vectors: Vec<Vec<f32>>,
    /// Tokens read.
    pub prompt_tokens: u32,
}

/// Reads the body of `POST /v1/embeddings`.
pub fn parse_embedding(body: &[u8]) -> Result<EmbeddingRequest, ApiError> {
    let value = parse_body(body)?;
    let fields = Fields::of(&value, "")?;
    if fields.get("dimensions").is_some() {
        return Err(fields.refuse(
            "dimensions",
            "is not supported: vectors have the model's own dimension; hint: leave it out",
        ));
    }
    let encoding = match fields.string("encoding_format")? {
        None | Some("float") => Encoding::Float,
        Some("base64") => Encoding::Base64,
        Some(_) => return Err(fields.refuse("encoding_format", "must be float or base64")),
    };
    Ok(EmbeddingRequest {
        model: fields.required("model")?.to_owned(),
        texts: texts(&fields)?,
        encoding,
    })
}

fn texts(fields: &Fields<'_>) -> Result<Vec<String>, ApiError> {
    let texts = match fields.get("input") {
        Some(Value::String(text)) => vec![text.clone()],
        _ => fields
            .array("input", TEXTS_MAX)?
            .into_iter()
            .flatten()
            .map(|item| {
                item.as_str().map(str::to_owned).ok_or_else(|| {
                    fields.refuse(
                        "input",
                        "must be a string or an array of strings (token ids are not supported)",
                    )
                })
            })
            .collect::<Result<_, _>>()?,
    };
    if texts.is_empty() || texts.iter().any(String::is_empty) {
        return Err(fields.refuse("input", "must hold at least one text and no empty one"));
    }
    Ok(texts)
}

/// The body of the answer.
#[must_use]
pub fn render_embeddings(embeddings: &Embeddings, encoding: Encoding) -> Value {
    let data: Vec<Value> = embeddings
        .vectors
        .iter()
        .enumerate()
        .map(|(index, vector)| {
            let vector = match encoding {
                Encoding::Float => json!(vector),
                Encoding::Base64 => {
                    let bytes: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
                    json!(STANDARD.encode(bytes))
                }
            };
            json!({ "object": "embedding", "index": index, "embedding": vector })
        })
        .collect();
    let tokens = embeddings.prompt_tokens;
    json!({
        "object": "list",
        "data": data,
        "model": embeddings.model,
        "usage": { "prompt_tokens": tokens, "total_tokens": tokens },
    })
}

/// The body of a request, for clients. It asks for base64, the smaller form.
#[must_use]
pub fn embedding_request_json(model: &str, texts: &[String]) -> Vec<u8> {
    json!({ "model": model, "input": texts, "encoding_format": "base64" })
        .to_string()
        .into_bytes()
}

#[derive(Deserialize)]
struct Body {
    model: String,
    data: Vec<Item>,
    #[serde(default)]
    usage: UsageBody,
}

#[derive(Deserialize)]
struct Item {
    index: usize,
    embedding: Vector,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Vector {
    Base64(String),
    Float(Vec<f32>),
}

#[derive(Deserialize, Default)]
struct UsageBody {
    #[serde(default)]
    prompt_tokens: u32,
}

/// Reads the answer to a request for `texts` embeddings, for clients; both encodings are understood.
pub fn parse_embeddings(body: &[u8], texts: usize) -> Result<Embeddings, WireError> {
    let body: Body =
        serde_json::from_slice(body).map_err(|error| WireError(format!("embeddings: {error}")))?;
    let mut vectors = vec![Vec::new(); texts];
    if body.data.len() != texts {
        return Err(WireError(format!(
            "{} embeddings for {texts} texts",
            body.data.len()
        )));
    }
    for item in body.data {
        let slot = vectors.get_mut(item.index).filter(|slot| slot.is_empty());
        let slot = slot.ok_or_else(|| WireError(format!("embedding {} is out of place", item.index)))?;
        *slot = decode(item.embedding)?;
    }
    let dimension = vectors.first().map_or(0, Vec::len);
    if vectors
        .iter()
        .any(|vector| vector.is_empty() || vector.len() != dimension)
    {
        return Err(WireError("embeddings of different dimensions".into()));
    }
    Ok(Embeddings {
        model: body.model,
        vectors,
        prompt_tokens: body.usage.prompt_tokens,
    })
}

fn decode(vector: Vector) -> Result<Vec<f32>, WireError> {
    match vector {
        Vector::Float(numbers) => Ok(numbers),
        Vector::Base64(text) => {
            let bytes = STANDARD
                .decode(text)
                .map_err(|error| WireError(format!("an embedding: {error}")))?;
            let (numbers, rest) = bytes.as_chunks::<4>();
            if !rest.is_empty() {
                return Err(WireError("an embedding that is no list of 32-bit floats".into()));
            }
            Ok(numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
        }
    }
}
