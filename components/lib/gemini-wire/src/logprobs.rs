//! How likely tokens were: `logprobsResult`.

use gyre_chat_wire::{Logprobs, TokenLogprob};
use serde::Deserialize;

/// It as it stands in a candidate.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Body {
    chosen_candidates: Vec<Token>,
    top_candidates: Vec<Top>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Top {
    candidates: Vec<Token>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Token {
    #[serde(default)]
    token: String,
    #[serde(default)]
    log_probability: f32,
}

impl From<Body> for Vec<Logprobs> {
    fn from(body: Body) -> Self {
        let mut tops = body.top_candidates.into_iter();
        let entry = |chosen: Token| Logprobs {
            chosen: chosen.into(),
            top: tops
                .next()
                .into_iter()
                .flat_map(|top| top.candidates)
                .map(TokenLogprob::from)
                .collect(),
        };
        body.chosen_candidates.into_iter().map(entry).collect()
    }
}

impl From<Token> for TokenLogprob {
    fn from(token: Token) -> Self {
        Self {
            bytes: token.token.into_bytes(),
            logprob: token.log_probability,
        }
    }
}
