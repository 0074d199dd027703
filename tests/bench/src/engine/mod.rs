//! The engine beside llama-server in the same run: the same file, as many threads, in turns.
//!
//! Three ways to each answer: our worker as a host calls it, a guest over wasi-nn under `gyre up`, and the peer over
//! HTTP. An answer without its end, or one that parts from the first one to its question by more than rounding, fails
//! the bench.

mod ask;
mod chart;
mod computing;
mod events;
mod first_token;
mod gaps;
mod http;
mod model;
mod oracle;
mod peer;
mod quantile;
mod soak;
mod throughput;
mod ties;
mod volley;
mod way;
mod words;

use crate::Args;
use crate::report::{self, Place};
use anyhow::{Result, ensure};
use model::Weights;
use oracle::Oracle;
use std::path::PathBuf;
use std::time::Duration;
use throughput::Prefix;
use way::{Engines, Room};
use words::Words;

/// A worker that only counts tokens.
const COUNTING: Room = Room {
    sequences: 1,
    context_tokens: 2048,
};

/// A worker that answers alone what was answered differently in company.
const SETTLING: Room = Room {
    sequences: 1,
    context_tokens: 8192,
};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// A llama-server as the peer, best of the version that `gyre-engine` is built from
    #[arg(long, env = "GYRE_LLAMA_SERVER", value_name = "PATH")]
    llama_server: Option<PathBuf>,
    /// A chat model, GGUF [default: one of random weights]
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// How large the random one is
    #[arg(long, value_enum, default_value_t = Weights::Small, conflicts_with = "model")]
    weights: Weights,
    /// Threads that compute, of each engine [default: one per core, less one]
    #[arg(long)]
    threads: Option<u32>,
    /// What is measured
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Part::Throughput, Part::FirstToken, Part::Gaps, Part::Soak])]
    only: Vec<Part>,
    /// Rounds of each way that count
    #[arg(long)]
    rounds: Option<usize>,
    /// What prompts begin with, for throughput
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = Prefix::ALL)]
    prefixes: Vec<Prefix>,
    /// Streams at once, for throughput
    #[arg(long, value_delimiter = ',', default_values_t = [1, 4, 16, 32])]
    streams: Vec<usize>,
    /// Tokens of each completion, for throughput
    #[arg(long, default_value_t = 128)]
    tokens: u32,
    /// Tokens of the prefix, shared or not
    #[arg(long, default_value_t = 1024)]
    prefix_tokens: u32,
    /// Callers at once, for first tokens
    #[arg(long, default_value_t = 64)]
    callers: usize,
    /// Tokens of the long prompt, for gaps
    #[arg(long, default_value_t = 4096)]
    prefill_tokens: u32,
    /// Streams that run meanwhile
    #[arg(long, default_value_t = 4)]
    running: usize,
    /// Tokens of each of them
    #[arg(long, default_value_t = 256)]
    running_tokens: u32,
    /// Seconds of the soak [default: 45, an hour with --long]
    #[arg(long)]
    soak_s: Option<u64>,
}

/// A part of the bench.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Tokens a second at several numbers of streams
    Throughput,
    /// Waiting for the first token, with and without a shared prefix
    FirstToken,
    /// Gaps between tokens while a long prompt is read
    Gaps,
    /// A steady load, and the worker's memory
    Soak,
}

/// What all parts are given.
struct Bench<'a> {
    options: &'a Options,
    engines: Engines,
    words: Words,
    rounds: usize,
    long: bool,
}

impl Bench<'_> {
    /// Rounds that read prompts of tens of thousands of tokens.
    fn rounds_of_prefill(&self) -> usize {
        self.rounds.div_ceil(2)
    }

    fn soak(&self) -> Duration {
        let default = if self.long { 3600 } else { 45 };
        Duration::from_secs(self.options.soak_s.unwrap_or(default))
    }
}

pub(crate) async fn run(args: &Args, options: &Options, place: &Place) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let model = model::file(options.model.as_deref(), options.weights, folder.path())?;
    let spare =
        || std::thread::available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1));
    let engines = Engines {
        gyre: args.gyre.clone(),
        guests: args.guests.clone(),
        peer: options.llama_server.clone(),
        model,
        threads: options.threads.unwrap_or_else(|| spare() as u32),
    };
    let words = Words::measure(&engines.worker(COUNTING).await?.door).await?;
    let bench = Bench {
        options,
        engines,
        words,
        rounds: options.rounds.unwrap_or(if args.long { 9 } else { 5 }),
        long: args.long,
    };
    println!("threads of each engine: {}", bench.engines.threads);
    let mut oracle = Oracle::new();
    for part in &options.only {
        match part {
            Part::Throughput => throughput::run(&bench, &mut oracle, place).await?,
            Part::FirstToken => first_token::run(&bench, &mut oracle, place).await?,
            Part::Gaps => gaps::run(&bench, &mut oracle, place).await?,
            Part::Soak => soak::run(&bench, &mut oracle, place).await?,
        }
    }
    oracle.settle(&bench.engines.worker(SETTLING).await?.door).await?;
    tell(&bench, &oracle)
}

fn tell(bench: &Bench<'_>, oracle: &Oracle) -> Result<()> {
    if bench.engines.peer.is_some() {
        let (both, same) = oracle.agreement();
        println!("greedy answers of ours and of llama-server: {same} of {both} are the same");
    } else {
        println!("peer absent: --llama-server PATH names one; there is no ratio");
    }
    let (judged, settled) = oracle.judged();
    println!("{judged} answers, of which {settled} were not the first one to their question");
    println!("{}", report::build_kind());
    let failures = oracle.failures();
    ensure!(failures == 0, "{failures} answers were wrong or missing");
    Ok(())
}
