//! Measures the host beside a peer in the same run, keeps what it saw, and draws it.
//!
//! Every number has an oracle: an answer that is not the expected one is counted as a failure and never as a request.

mod agents;
mod chart;
mod engine;
mod host;
mod instances;
mod load;
mod memory;
mod plot;
mod report;
mod requests;
mod scenario;
mod slow_model;
mod streams;
mod wait;
mod waiting;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// Benches of the host. `cargo xtask bench` builds everything in release mode and runs them.
#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    bench: Bench,
    /// Where raw results and plots go
    #[arg(long, value_name = "DIR", default_value = "target/bench", global = true)]
    out: PathBuf,
    /// The gyre to measure
    #[arg(
        long,
        value_name = "PATH",
        default_value = "target/release/gyre",
        global = true
    )]
    gyre: PathBuf,
    /// The components' folder
    #[arg(
        long,
        value_name = "DIR",
        default_value = "components/target/wasm32-wasip2/debug",
        global = true
    )]
    guests: PathBuf,
    /// Longer rounds and more of them
    #[arg(long, global = true)]
    long: bool,
}

#[derive(Subcommand)]
enum Bench {
    /// Requests without a model, through gateway, api and agent, beside stock Spin
    Requests(requests::Options),
    /// What a sandbox that waits costs: memory and mappings
    Waiting(waiting::Options),
    /// Very many agents that wait in one process
    Agents(agents::Options),
    /// Making an instance of the agent, beside one without a pool and a process
    Instances(instances::Options),
    /// The engine beside llama-server: throughput, first tokens, gaps, memory
    Engine(engine::Options),
}

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    let place = report::Place::open(&args.out)?;
    match &args.bench {
        Bench::Requests(options) => requests::run(&args, options, &place).await,
        Bench::Waiting(options) => waiting::run(&args, options, &place).await,
        Bench::Agents(options) => agents::run(&args, options, &place).await,
        Bench::Instances(options) => instances::run(&args, options, &place).await,
        Bench::Engine(options) => engine::run(&args, options, &place).await,
    }
}
