//! Completion tokens a second by the number of streams, each on its own prompt or behind a prefix that all share.

use super::ask::Ask;
use super::oracle::Oracle;
use super::volley::volley;
use super::way::{GUEST, PEER, Room, WORKER, Way};
use super::{Bench, chart};
use crate::report::{Place, median};
use anyhow::Result;
use serde::Serialize;

/// Tokens of what each stream asks for itself.
const QUESTION_TOKENS: u32 = 32;
/// For the marks of the template.
const SPARE_TOKENS: u32 = 64;
const PREFIX_SEED: u64 = 1_000_000;

/// One round of one way.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Sample {
    pub(crate) way: &'static str,
    pub(crate) prefix_tokens: u32,
    pub(crate) streams: usize,
    pub(crate) round: usize,
    pub(crate) tokens_per_second: f64,
    /// What the way's processes computed for a token.
    pub(crate) cpu_ms_per_token: f64,
    pub(crate) tokens: u64,
    pub(crate) failures: usize,
}

pub(crate) async fn run(bench: &Bench<'_>, oracle: &mut Oracle, place: &Place) -> Result<()> {
    let options = bench.options;
    let most = options.streams.iter().max().copied().unwrap_or(1);
    let room = Room {
        sequences: u32::try_from(most)?,
        context_tokens: options.prefix_tokens + QUESTION_TOKENS + options.tokens + SPARE_TOKENS,
    };
    let ways = bench.engines.open(room).await?;
    let mut samples = Vec::new();
    for prefix_tokens in [0, options.prefix_tokens] {
        let prefix = bench.words.text(PREFIX_SEED, prefix_tokens);
        for &streams in &options.streams {
            let asks: Vec<Ask> = (0..streams as u64)
                .map(|stream| Ask {
                    system: prefix.clone(),
                    user: bench.words.text(stream, QUESTION_TOKENS),
                    tokens: options.tokens,
                })
                .collect();
            // Ways take turns, so that a busy moment of the machine meets all; the first round only warms up.
            for round in 0..=bench.rounds {
                for way in &ways {
                    let seen = volley(way, &asks, oracle).await?;
                    if round > 0 {
                        samples.push(Sample {
                            way: way.name,
                            prefix_tokens,
                            streams,
                            round,
                            tokens_per_second: seen.tokens() as f64 / seen.seconds,
                            cpu_ms_per_token: seen.computed_s * 1e3 / seen.tokens() as f64,
                            tokens: seen.tokens(),
                            failures: seen.failures,
                        });
                    }
                }
            }
            print(&samples, &ways, prefix_tokens, streams);
        }
    }
    place.keep("engine-throughput.json", &samples)?;
    chart::throughput(&place.file("engine-throughput.svg"), &samples)?;
    Ok(())
}

/// What each round of a way gave.
pub(crate) fn rounds(
    samples: &[Sample],
    (way, prefix_tokens, streams): (&str, u32, usize),
    value: fn(&Sample) -> f64,
) -> Vec<f64> {
    let of = |it: &&Sample| it.way == way && it.prefix_tokens == prefix_tokens && it.streams == streams;
    samples.iter().filter(of).map(value).collect()
}

fn print(samples: &[Sample], ways: &[Way], prefix_tokens: u32, streams: usize) {
    println!("throughput, shared prefix of {prefix_tokens}, streams: {streams}");
    let speed = |way| rounds(samples, (way, prefix_tokens, streams), |it| it.tokens_per_second);
    let cpu = |way| rounds(samples, (way, prefix_tokens, streams), |it| it.cpu_ms_per_token);
    for way in ways {
        println!(
            "{:>14} {:>9.1} tokens/s {:>8.2} ms CPU a token",
            way.name,
            median(speed(way.name)),
            median(cpu(way.name))
        );
    }
    let mut compared = vec![[GUEST, WORKER]];
    if ways.iter().any(|way| way.name == PEER) {
        compared.extend([[WORKER, PEER], [GUEST, PEER]]);
    }
    for [one, other] in compared {
        println!(
            "{:>29}: {:.3} of its tokens/s, {:.3} of its CPU",
            format!("{one} / {other}"),
            ratio(&speed(one), &speed(other)),
            ratio(&cpu(one), &cpu(other))
        );
    }
}

/// The median of the rounds' ratios: both ways of a round met the same machine.
fn ratio(one: &[f64], other: &[f64]) -> f64 {
    median(one.iter().zip(other).map(|(one, other)| one / other).collect())
}
