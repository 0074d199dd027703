//! How long many callers at once wait for their first token, with a prefix of their own or one that they share.
//!
//! Nothing is switched off: callers whose prefixes differ have nothing to reuse. A shared prefix is new to the server
//! in the first volley (`cold`), and known to it in the second (`warm`).

use super::ask::{Answer, Ask};
use super::oracle::Oracle;
use super::quantile::quantile;
use super::volley::volley;
use super::way::{Room, Way};
use super::{Bench, chart};
use crate::report::{Place, median};
use anyhow::Result;
use serde::Serialize;

const QUESTION_TOKENS: u32 = 16;
const ANSWER_TOKENS: u32 = 4;
const SPARE_TOKENS: u32 = 64;
/// Seeds of one round; each caller takes one for its prefix and two for its questions.
const ROUND_SEEDS: u64 = 100_000;
const QUESTION_SEED: u64 = 10_000;
const SHARED_SEED: u64 = 50_000;

pub(crate) const DISTINCT: &str = "prefixes differ";
pub(crate) const COLD: &str = "shared, cold";
pub(crate) const WARM: &str = "shared, warm";

/// One volley of one way.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Sample {
    pub(crate) way: &'static str,
    pub(crate) prefix: &'static str,
    pub(crate) round: usize,
    pub(crate) callers: usize,
    /// Of right answers.
    pub(crate) first_ms: Vec<f64>,
    pub(crate) failures: usize,
}

pub(crate) async fn run(bench: &Bench<'_>, oracle: &mut Oracle, place: &Place) -> Result<()> {
    let options = bench.options;
    let room = Room {
        sequences: u32::try_from(options.callers)?,
        context_tokens: options.prefix_tokens + QUESTION_TOKENS + ANSWER_TOKENS + SPARE_TOKENS,
    };
    let ways = bench.engines.open(room).await?;
    let mut samples = Vec::new();
    for round in 1..=bench.rounds_of_prefill() {
        for way in &ways {
            for prefix in [DISTINCT, COLD, WARM] {
                let asks = asks(bench, round as u64, prefix);
                let seen = volley(way, &asks, oracle).await?;
                samples.push(Sample {
                    way: way.name,
                    prefix,
                    round,
                    callers: asks.len(),
                    first_ms: seen.answers.iter().map(Answer::first_ms).collect(),
                    failures: seen.failures,
                });
            }
        }
    }
    place.keep("engine-first-token.json", &samples)?;
    chart::first_token(&place.file("engine-first-token.svg"), &samples)?;
    print(&samples, &ways, options.callers);
    Ok(())
}

fn asks(bench: &Bench<'_>, round: u64, prefix: &str) -> Vec<Ask> {
    let base = round * ROUND_SEEDS;
    let ask = |caller: u64| {
        let (prefix_seed, question) = match prefix {
            DISTINCT => (base + caller, caller),
            COLD => (base + SHARED_SEED, caller),
            _ => (base + SHARED_SEED, caller + bench.options.callers as u64),
        };
        Ask {
            system: bench.words.text(prefix_seed, bench.options.prefix_tokens),
            user: bench.words.text(base + QUESTION_SEED + question, QUESTION_TOKENS),
            tokens: ANSWER_TOKENS,
        }
    };
    (0..bench.options.callers as u64).map(ask).collect()
}

fn print(samples: &[Sample], ways: &[Way], callers: usize) {
    println!(
        "first token of {callers} callers at once      p50 ms     p99 ms   p50 with prefixes that differ / of this"
    );
    for way in ways {
        let of = |prefix: &str, share: f64| {
            let of = samples
                .iter()
                .filter(|it| it.way == way.name && it.prefix == prefix);
            median(of.map(|it| quantile(&it.first_ms, share)).collect())
        };
        for prefix in [DISTINCT, COLD, WARM] {
            let p50 = of(prefix, 0.5);
            println!(
                "{:>12}, {prefix:<16} {p50:>16.0} {:>10.0}   {:>8.1}",
                way.name,
                of(prefix, 0.99),
                of(DISTINCT, 0.5) / p50
            );
        }
    }
}
