//! How likely tokens were: `logprobs` of a choice, written by servers and read by clients.

use crate::types::{Logprobs, TokenLogprob};
use serde::Deserialize;
use serde_json::{Value, json};

/// The member `logprobs` of a choice; null where there are none.
pub(crate) fn json(all: &[Logprobs]) -> Value {
    if all.is_empty() {
        return Value::Null;
    }
    let entry = |it: &Logprobs| {
        let mut entry = token_json(&it.chosen);
        entry["top_logprobs"] = it.top.iter().map(token_json).collect();
        entry
    };
    let content: Vec<Value> = all.iter().map(entry).collect();
    json!({ "content": content, "refusal": null })
}

fn token_json(token: &TokenLogprob) -> Value {
    json!({
        "token": String::from_utf8_lossy(&token.bytes),
        "bytes": token.bytes,
        "logprob": token.logprob,
    })
}

/// The member `logprobs` as it stands on the wire.
#[derive(Deserialize)]
pub(crate) struct Body {
    #[serde(default)]
    content: Option<Vec<Entry>>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(flatten)]
    chosen: Token,
    #[serde(default)]
    top_logprobs: Vec<Token>,
}

#[derive(Deserialize)]
struct Token {
    token: String,
    #[serde(default)]
    bytes: Option<Vec<u8>>,
    logprob: f32,
}

impl From<Body> for Vec<Logprobs> {
    fn from(body: Body) -> Self {
        let entry = |entry: Entry| Logprobs {
            chosen: entry.chosen.into(),
            top: entry.top_logprobs.into_iter().map(TokenLogprob::from).collect(),
        };
        body.content.into_iter().flatten().map(entry).collect()
    }
}

impl From<Token> for TokenLogprob {
    fn from(token: Token) -> Self {
        Self {
            // Some servers tell the text alone.
            bytes: token.bytes.unwrap_or_else(|| token.token.into_bytes()),
            logprob: token.logprob,
        }
    }
}
