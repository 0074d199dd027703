//! Completion tokens a second by the number of streams: each on its own prompt, or behind a prefix that all share and
//! that the server knows, or that is new to it in each round.
//!
//! Each question is put twice and the second time counts, so that behind a known prefix nothing but decoding is left; but
//! for a new prefix, which is put once.

use super::ask::Ask;
use super::oracle::Oracle;
use super::volley::{Volley, volley};
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

/// What all prompts of a volley begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Prefix {
    /// Each prompt is its own.
    None,
    /// One that was there just before.
    Known,
    /// Another in each round.
    New,
}

impl Prefix {
    pub(crate) const ALL: [Self; 3] = [Self::None, Self::Known, Self::New];

    fn text(self, bench: &Bench<'_>, streams: usize, round: usize) -> String {
        let seed = match self {
            Self::None => return String::new(),
            Self::Known => PREFIX_SEED,
            Self::New => PREFIX_SEED * (1 + streams as u64) + round as u64,
        };
        bench.words.text(seed, bench.options.prefix_tokens)
    }

    /// As people read it.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::None => "no prefix",
            Self::Known => "known prefix",
            Self::New => "new prefix",
        }
    }
}

/// One round of one way.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Sample {
    pub(crate) way: &'static str,
    pub(crate) prefix: Prefix,
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
    let mut samples = Vec::new();
    for round in 1..=bench.rounds {
        eprintln!("throughput: round {round} of {}", bench.rounds);
        // Processes are started anew: how fast one computes depends by a tenth on where its memory happens to lie.
        let ways = bench.engines.open(room).await?;
        for &prefix in &options.prefixes {
            for &streams in &options.streams {
                let asks = asks(bench, prefix, streams, round);
                // Ways take turns, so that a busy moment of the machine meets all.
                for way in &ways {
                    if prefix != Prefix::New {
                        volley(way, &asks, oracle).await?;
                    }
                    let seen = volley(way, &asks, oracle).await?;
                    samples.push(Sample::new(way, (prefix, streams, round), &seen));
                }
            }
        }
    }
    for &prefix in &options.prefixes {
        for &streams in &options.streams {
            print(&samples, prefix, streams);
        }
    }
    place.keep("engine-throughput.json", &samples)?;
    chart::throughput(&place.file("engine-throughput.svg"), &samples)?;
    Ok(())
}

fn asks(bench: &Bench<'_>, prefix: Prefix, streams: usize, round: usize) -> Vec<Ask> {
    let system = prefix.text(bench, streams, round);
    let ask = |stream| Ask {
        system: system.clone(),
        user: bench.words.text(stream, QUESTION_TOKENS),
        tokens: bench.options.tokens,
    };
    (0..streams as u64).map(ask).collect()
}

impl Sample {
    fn new(way: &Way, (prefix, streams, round): (Prefix, usize, usize), seen: &Volley) -> Self {
        Self {
            way: way.name,
            prefix,
            streams,
            round,
            tokens_per_second: seen.tokens() as f64 / seen.seconds,
            cpu_ms_per_token: seen.computed_s * 1e3 / seen.tokens() as f64,
            tokens: seen.tokens(),
            failures: seen.failures,
        }
    }
}

/// What each round of a way gave.
pub(crate) fn rounds(
    samples: &[Sample],
    (way, prefix, streams): (&str, Prefix, usize),
    value: fn(&Sample) -> f64,
) -> Vec<f64> {
    let of = |it: &&Sample| it.way == way && it.prefix == prefix && it.streams == streams;
    samples.iter().filter(of).map(value).collect()
}

fn print(samples: &[Sample], prefix: Prefix, streams: usize) {
    println!("throughput, {}, streams: {streams}", prefix.label());
    let speed = |way| rounds(samples, (way, prefix, streams), |it| it.tokens_per_second);
    let cpu = |way| rounds(samples, (way, prefix, streams), |it| it.cpu_ms_per_token);
    let is_there = |way: &&str| samples.iter().any(|it| it.way == *way);
    for way in [WORKER, GUEST, PEER].into_iter().filter(is_there) {
        println!(
            "{way:>14} {:>9.1} tokens/s {:>8.2} ms CPU a token",
            median(speed(way)),
            median(cpu(way))
        );
    }
    let mut compared = vec![[GUEST, WORKER]];
    if is_there(&PEER) {
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
