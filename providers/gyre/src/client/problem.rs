//! What a server says is wrong.

use super::Error;
use serde::Deserialize;

/// RFC 9457, read leniently: every member may be missing or null.
#[derive(Debug, Deserialize)]
pub(super) struct Problem {
    #[serde(rename = "type")]
    kind: Option<String>,
    title: Option<String>,
    detail: Option<String>,
    hint: Option<String>,
}

impl Problem {
    /// As an error of the verb.
    pub(super) fn into_error(self, status: u16) -> Error {
        let kind = self.kind.unwrap_or_default();
        Error::Problem {
            status,
            kind: kind.rsplit(':').next().unwrap_or_default().to_owned(),
            detail: self
                .detail
                .or(self.title)
                .unwrap_or_else(|| format!("the server answered {status}")),
            hint: self.hint.unwrap_or_default(),
        }
    }
}
