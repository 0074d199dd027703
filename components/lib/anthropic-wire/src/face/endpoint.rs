//! The paths of this face.

use gyre_chat_wire::ApiError;
use percent_encoding::percent_decode_str;

/// A path with its method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// `POST /v1/messages`
    Messages,
    /// `POST /v1/messages/count_tokens`
    CountTokens,
    /// `GET /v1/models`. OpenAI's face has the same path; Anthropic's clients send the header `anthropic-version`.
    Models,
    /// `GET /v1/models/{id}`
    Model(String),
}

impl Endpoint {
    /// The endpoint of a method and path.
    pub fn of(method: &str, path: &str) -> Result<Self, ApiError> {
        let (found, takes) = match path {
            "/v1/messages" => (Self::Messages, "POST"),
            "/v1/messages/count_tokens" => (Self::CountTokens, "POST"),
            "/v1/models" => (Self::Models, "GET"),
            _ => (Self::Model(model_of(path).ok_or_else(unknown_path)?), "GET"),
        };
        if method == takes {
            return Ok(found);
        }
        Err(ApiError::new(
            405,
            "method_not_allowed",
            format!("{path} takes {takes} only"),
        ))
    }
}

/// The id of a model, which may hold what a path writes otherwise.
fn model_of(path: &str) -> Option<String> {
    let id = path.strip_prefix("/v1/models/").filter(|id| !id.is_empty())?;
    let decoded = percent_decode_str(id).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

fn unknown_path() -> ApiError {
    ApiError::new(
        404,
        "unknown_path",
        "no such path; hint: there are /v1/messages, /v1/messages/count_tokens and /v1/models",
    )
}
