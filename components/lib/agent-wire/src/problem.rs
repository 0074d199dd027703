//! RFC 9457 problems: what failed, and the cure.

use serde::{Deserialize, Serialize};

/// Media type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Prefix of the problem types of Gyre.
const TYPE_PREFIX: &str = "urn:gyre:error:";

/// An error as its receiver sees it. Holds no secret, no prompt and no path of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// `urn:gyre:error:<kind>`.
    #[serde(rename = "type")]
    pub kind_uri: String,
    /// The kind in words; the same for every problem of one kind.
    pub title: Box<str>,
    /// HTTP status.
    pub status: u16,
    /// What failed this time.
    pub detail: String,
    /// The cure.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
    /// The request that failed, to find it in the logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl Problem {
    /// A problem of `kind` (kebab-case), which is also its title in words.
    pub fn new(status: u16, kind: &str, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            kind_uri: format!("{TYPE_PREFIX}{kind}"),
            title: kind.replace('-', " ").into(),
            status,
            detail: detail.into(),
            hint: hint.into(),
            request_id: None,
        }
    }

    /// The kind without its prefix.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.kind_uri.strip_prefix(TYPE_PREFIX).unwrap_or(&self.kind_uri)
    }

    /// The same problem, naming the request that met it.
    #[must_use]
    pub fn of_request(mut self, request_id: &str) -> Self {
        self.request_id = Some(request_id.to_owned());
        self
    }

    /// JSON bytes.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        // Strings and numbers only: serde_json cannot fail on them.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_has_the_fields_of_rfc_9457() {
        let problem = Problem::new(413, "body-too-large", "too large", "send less").of_request("r1");
        let json: serde_json::Value = serde_json::from_slice(&problem.to_json()).expect("valid JSON");
        assert_eq!(
            json,
            serde_json::json!({
                "type": "urn:gyre:error:body-too-large", "title": "body too large", "status": 413,
                "detail": "too large", "hint": "send less", "request_id": "r1"
            })
        );
        assert_eq!(problem.kind(), "body-too-large");
    }
}
