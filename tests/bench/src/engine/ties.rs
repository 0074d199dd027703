//! Whether an answer that differs chose a token that was as likely as the other, but for rounding.
//!
//! How many tokens share a batch changes the last bits of a logit. Where the two likeliest tokens are that close, a
//! greedy choice may fall either way, and what follows has no more to do with the other answer. So the question is put
//! once more, alone, with the likelihoods: up to the place where texts part both must be what was likeliest.

use super::ask::{Ask, Door, messages};
use anyhow::{Context, Result, bail};
use gyre_engine_ipc::{Delta, Logprobs};
use serde_json::json;

/// Natural logarithms of probabilities that count as equal. Sums of half-precision floats differ by about a thousandth
/// between batches, and more behind several layers.
const TIE_MAX: f64 = 0.02;
/// Likeliest tokens that are told; one that is not among them is no tie.
const TOP: u32 = 5;
const TENANT: &str = "bench-ties";

/// The tokens of a question's answer, computed alone, with what else was likely.
pub(super) async fn alone(door: &Door, ask: &Ask) -> Result<Vec<Logprobs>> {
    let Door::Worker { engine, model } = door else {
        bail!("only the worker tells likelihoods");
    };
    let request = json!({
        "messages": messages(ask),
        "sampling": { "temperature": 0, "logprobs": TOP },
        "budget": { "max_tokens": ask.tokens },
    });
    let mut stream = engine.chat(model, TENANT, serde_json::to_vec(&request)?).await?;
    let mut told = Vec::new();
    while let Some(delta) = stream.next_delta().await? {
        if let Delta::Logprobs(logprobs) = delta {
            told.push(logprobs);
        }
    }
    stream.finish().context("it ended without its finish")?;
    Ok(told)
}

/// How much less likely than the best the token is at which `text` parts from these; 0 where it does not, and infinite
/// where it is not among those that are told, or where `text` ends.
pub(super) fn lost(alone: &[Logprobs], text: &str) -> f64 {
    let mut rest = text.as_bytes();
    for place in alone {
        if let Some(after) = rest.strip_prefix(place.chosen.bytes.as_slice()) {
            rest = after;
            continue;
        }
        let other = place
            .top
            .iter()
            .find(|it| !it.bytes.is_empty() && rest.starts_with(&it.bytes));
        let best = f64::from(place.chosen.logprob);
        return other.map_or(f64::INFINITY, |it| best - f64::from(it.logprob));
    }
    0.0
}

/// Whether both texts are what was likeliest, but for ties.
pub(super) fn is_tie(lost: f64) -> bool {
    lost <= TIE_MAX
}

#[cfg(test)]
mod tests {
    use super::*;
    use gyre_engine_ipc::TokenLogprob;

    #[test]
    fn what_is_lost_where_texts_part_decides() {
        let token = |text: &str, logprob: f32| TokenLogprob {
            bytes: text.as_bytes().to_vec(),
            logprob,
        };
        let place = |chosen: &str, other: &str, gap: f32| Logprobs {
            chosen: token(chosen, -1.0),
            top: vec![token(chosen, -1.0), token(other, -1.0 - gap)],
        };
        let alone = [place("a", "b", 0.01), place("b", "c", 0.5)];
        for (text, tie) in [
            ("ab", true),
            ("bz", true),
            ("ac", false),
            ("z", false),
            // It ended sooner: how likely that was is not told.
            ("a", false),
        ] {
            assert_eq!(is_tie(lost(&alone, text)), tie, "{text}");
        }
    }
}
