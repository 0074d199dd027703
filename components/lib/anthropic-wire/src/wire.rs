//! What both sides of the wire share: values as they stand in JSON.

use gyre_chat_wire::Usage;
use serde::Deserialize;
use serde_json::{Map, Value};

/// `usage` of a message, or of a `message_delta`, where all but the output may be left out.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(crate) struct UsageBody {
    #[serde(default)]
    pub(crate) input_tokens: Option<u64>,
    #[serde(default)]
    pub(crate) output_tokens: Option<u64>,
    #[serde(default)]
    pub(crate) cache_creation_input_tokens: Option<u64>,
    #[serde(default)]
    pub(crate) cache_read_input_tokens: Option<u64>,
}

impl UsageBody {
    /// Later totals in place of earlier ones; what is left out stays.
    pub(crate) fn overwrite(&mut self, later: Self) {
        self.input_tokens = later.input_tokens.or(self.input_tokens);
        self.output_tokens = later.output_tokens.or(self.output_tokens);
        self.cache_creation_input_tokens = later
            .cache_creation_input_tokens
            .or(self.cache_creation_input_tokens);
        self.cache_read_input_tokens = later.cache_read_input_tokens.or(self.cache_read_input_tokens);
    }
}

impl From<UsageBody> for Usage {
    /// Tokens read from a cache or written to one are not among `input_tokens`; they were read all the same.
    fn from(body: UsageBody) -> Self {
        let all = [
            body.input_tokens,
            body.cache_creation_input_tokens,
            body.cache_read_input_tokens,
        ];
        let read = all.into_iter().flatten().fold(0, u64::saturating_add);
        Self {
            prompt_tokens: narrow(read),
            completion_tokens: narrow(body.output_tokens.unwrap_or_default()),
            cached_prompt_tokens: body.cache_read_input_tokens.map(narrow),
        }
    }
}

fn narrow(tokens: u64) -> u32 {
    u32::try_from(tokens).unwrap_or(u32::MAX)
}

/// Arguments of a tool as an object; no text at all counts as an empty one.
pub(crate) fn arguments(text: &str) -> Result<Map<String, Value>, serde_json::Error> {
    if text.trim().is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_str(text)
}
