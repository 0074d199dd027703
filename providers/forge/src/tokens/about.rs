//! What a token file says of itself.

use serde::{Deserialize, Serialize};

use crate::train::Tokens;

/// The one entry of the metadata.
pub const ABOUT: &str = "gyre-tokens";

/// What tokens were made with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// SHA-256 of the tokenizer's file.
    pub tokenizer: String,
    /// Which split of the data.
    pub split: String,
    /// The seed of the data.
    pub seed: u64,
}

impl About {
    /// What is told in a token file; `None` where nothing or something else is.
    pub fn of(tokens: &Tokens) -> Option<Self> {
        tokens
            .told
            .get(ABOUT)
            .and_then(|told| serde_json::from_str(told).ok())
    }

    /// As metadata. One entry only: a map of several has no fixed order, and the file would not be the same twice.
    pub(super) fn told(&self) -> Result<(String, String), serde_json::Error> {
        Ok((ABOUT.to_owned(), serde_json::to_string(self)?))
    }
}
