//! The paths of this wire, and what every request to them must look like.

use crate::error::ApiError;

/// Bytes that the body of a request may take.
pub const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A path with its method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// `POST /v1/chat/completions`
    Chat,
    /// `POST /v1/embeddings`
    Embeddings,
    /// `GET /v1/models`
    Models,
}

impl Endpoint {
    const ALL: [Self; 3] = [Self::Chat, Self::Embeddings, Self::Models];

    /// The endpoint of a method and path.
    pub fn of(method: &str, path: &str) -> Result<Self, ApiError> {
        let found = Self::ALL
            .into_iter()
            .find(|endpoint| endpoint.path() == path)
            .ok_or_else(|| {
                ApiError::new(
                    404,
                    "unknown_path",
                    "no such path; hint: there are /v1/chat/completions, /v1/embeddings and /v1/models",
                )
            })?;
        if found.method() == method {
            return Ok(found);
        }
        Err(ApiError::new(
            405,
            "method_not_allowed",
            format!("{path} takes {} only", found.method()),
        ))
    }

    /// Its path.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Chat => "/v1/chat/completions",
            Self::Embeddings => "/v1/embeddings",
            Self::Models => "/v1/models",
        }
    }

    /// Its path below the base of an API, as clients are told one: `https://host/v1`.
    #[must_use]
    pub fn below_base(self) -> &'static str {
        match self {
            Self::Chat => "/chat/completions",
            Self::Embeddings => "/embeddings",
            Self::Models => "/models",
        }
    }

    /// Its method.
    #[must_use]
    pub fn method(self) -> &'static str {
        match self {
            Self::Chat | Self::Embeddings => "POST",
            Self::Models => "GET",
        }
    }
}

/// Refuses a body that is not said to be JSON. `content_type` is the header's value.
pub fn check_content_type(content_type: Option<&[u8]>) -> Result<(), ApiError> {
    let given = content_type.unwrap_or_default();
    let essence = given
        .split(|byte| *byte == b';')
        .next()
        .unwrap_or_default()
        .trim_ascii();
    if essence.eq_ignore_ascii_case(b"application/json") {
        return Ok(());
    }
    Err(ApiError::new(
        415,
        "unsupported_media_type",
        "the body must be JSON; hint: send the header `content-type: application/json`",
    ))
}

impl ApiError {
    /// The body is larger than [`BODY_BYTES_MAX`].
    #[must_use]
    pub fn body_too_large() -> Self {
        Self::new(
            413,
            "request_too_large",
            format!(
                "the body is larger than {BODY_BYTES_MAX} bytes; hint: send fewer or shorter texts at a time"
            ),
        )
    }

    /// The body ended before its end.
    #[must_use]
    pub fn body_cut() -> Self {
        Self::new(
            400,
            "body_cut",
            "the body of the request was cut; hint: send it again",
        )
    }
}
