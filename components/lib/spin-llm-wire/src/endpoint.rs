//! The two paths of this face.

use gyre_chat_wire::ApiError;

/// A path; both take `POST`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// `/infer`
    Infer,
    /// `/embed`
    Embed,
}

impl Endpoint {
    /// The endpoint of a method and path.
    pub fn of(method: &str, path: &str) -> Result<Self, ApiError> {
        let endpoint = match path {
            "/infer" => Self::Infer,
            "/embed" => Self::Embed,
            _ => {
                return Err(ApiError::new(
                    404,
                    "unknown_path",
                    "no such path; hint: there are /infer and /embed",
                ));
            }
        };
        if method == "POST" {
            return Ok(endpoint);
        }
        Err(ApiError::new(
            405,
            "method_not_allowed",
            format!("{path} takes POST only"),
        ))
    }
}
