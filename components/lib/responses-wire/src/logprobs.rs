//! How likely tokens were, as this API lists it.

use gyre_chat_wire::{Logprobs, TokenLogprob};
use serde_json::{Value, json};

/// An empty list where that was not asked for.
pub(crate) fn json(all: &[Logprobs]) -> Value {
    all.iter().map(one).collect()
}

fn one(it: &Logprobs) -> Value {
    let mut entry = token(&it.chosen);
    entry["top_logprobs"] = it.top.iter().map(token).collect();
    entry
}

fn token(it: &TokenLogprob) -> Value {
    json!({ "token": String::from_utf8_lossy(&it.bytes), "bytes": it.bytes, "logprob": it.logprob })
}

/// Bytes that they take while they are held, about.
pub(crate) fn bytes(all: &[Logprobs]) -> usize {
    let token = |it: &TokenLogprob| it.bytes.len() + size_of::<TokenLogprob>();
    all.iter()
        .map(|it| token(&it.chosen) + it.top.iter().map(token).sum::<usize>())
        .sum()
}
