//! What is asked, and where.

use gyre_chat_wire::ApiError;

/// The header that carries the key, bare.
pub const KEY_HEADER: &str = "x-goog-api-key";

const MODEL_BYTES_MAX: usize = 256;

/// A method of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// A whole answer.
    Generate,
    /// An answer in server-sent events.
    Stream,
    /// Vectors of texts.
    Embed,
}

impl Method {
    /// Its path and query below the base of the API, as in `https://host/v1`, asked with POST.
    pub fn path(self, model: &str) -> Result<String, ApiError> {
        let model = resource(model)?;
        let method = match self {
            Self::Generate => "generateContent",
            Self::Stream => "streamGenerateContent?alt=sse",
            Self::Embed => "batchEmbedContents",
        };
        Ok(format!("/{model}:{method}"))
    }

    /// The path and query of a page of the list of models, asked with GET. `page_token` is the one of the page before.
    #[must_use]
    pub fn list_path(page_token: Option<&str>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("pageSize", "1000");
        if let Some(token) = page_token {
            query.append_pair("pageToken", token);
        }
        format!("/models?{}", query.finish())
    }
}

/// The resource name of a model: `models/…`, or `tunedModels/…` where the name says so. It becomes part of an address,
/// so that it may hold nothing else.
pub(crate) fn resource(model: &str) -> Result<String, ApiError> {
    let (kind, name) = match model.split_once('/') {
        Some((kind @ ("models" | "tunedModels"), name)) => (kind, name),
        _ => ("models", model),
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let fits = (1..=MODEL_BYTES_MAX).contains(&name.len());
    if fits && name.bytes().all(plain) && !name.bytes().all(|byte| byte == b'.') {
        return Ok(format!("{kind}/{name}"));
    }
    Err(ApiError::invalid(
        "model",
        "`model` is no name of a Gemini model; hint: it has letters, digits, `.`, `-` and `_`, as in gemini-2.5-flash",
    ))
}
