//! How fast each size trains on this machine: `cargo run --release -p gyre-forge --example speed -- --help`.

#[path = "../tests/support/mod.rs"]
mod support;

use anyhow::{Context as _, Result};
use clap::Parser;
use gyre_forge::model::{Llama, Size};
use gyre_forge::train::{Batches, Line, Optimiser, Quiet, Run, Settings, Upkeep, train};
use std::sync::atomic::AtomicBool;

/// Trains each size for some steps on random conversations, and prints how fast.
#[derive(Parser)]
struct Arguments {
    /// Steps of each size; the first is not counted.
    #[arg(long, default_value_t = 4)]
    steps: u64,
    /// Tokens of a step.
    #[arg(long, default_value_t = 8192)]
    batch_tokens: usize,
    /// Tokens of a pass.
    #[arg(long, default_value_t = 2048)]
    pass_tokens: usize,
    /// Facts that a conversation tells: 8 tokens each.
    #[arg(long, default_value_t = 40)]
    told: usize,
    /// Facts that it asks for: 8 tokens each, 5 of them targets.
    #[arg(long, default_value_t = 16)]
    asked: usize,
    /// AdamW instead of Muon.
    #[arg(long)]
    adam: bool,
    /// This size only.
    #[arg(long)]
    size: Option<String>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    println!("threads: {}", rayon::current_num_threads());
    println!("| size | weights | tokens/s | million tokens/h | GFLOP/s of products |");
    println!("|---|---|---|---|---|");
    for size in Size::ALL {
        if arguments.size.as_deref().is_none_or(|only| only == size.name()) {
            measure(&arguments, size)?;
        }
    }
    Ok(())
}

fn measure(arguments: &Arguments, size: Size) -> Result<()> {
    let facts = support::Facts {
        conversations: 2 * arguments.batch_tokens * arguments.steps as usize
            / (8 * (arguments.told + arguments.asked)),
        told: arguments.told,
        asked: arguments.asked,
        length: 5,
        vocabulary: 4096,
    };
    let tokens = support::facts(facts, 1);
    let settings = Settings {
        batch_tokens: arguments.batch_tokens,
        pass_tokens: arguments.pass_tokens,
        optimiser: if arguments.adam {
            Optimiser::AdamW
        } else {
            Optimiser::Muon
        },
        ..Settings::new(size.shape(4096, 1024), 1, arguments.steps)
    };
    let folder = tempfile::tempdir()?;
    let upkeep = Upkeep::default();
    let run = Run {
        settings: &settings,
        upkeep: &upkeep,
        tokens: &tokens,
        dev: None,
        folder: folder.path(),
        from: None,
    };
    let mut model = Llama::new(&settings.shape, settings.pass_tokens_max(), settings.precision)?;
    train(run, &mut model, &mut Quiet, &AtomicBool::new(false))?;
    let log = std::fs::read_to_string(folder.path().join("train.jsonl"))?;
    let lines: Vec<Line> = log.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let mut speeds: Vec<f64> = lines.iter().skip(1).map(|line| line.tokens_per_second).collect();
    speeds.sort_by(f64::total_cmp);
    let speed = *speeds.get(speeds.len() / 2).context("tell two steps or more")?;

    let mut batches = Batches::new(&tokens, 1024, settings.batch_tokens, settings.seed)?;
    let batch = batches.take();
    let read = batch
        .iter()
        .map(|&index| tokens.conversation(index).0.len())
        .sum::<usize>();
    let targets = batch.len() * arguments.asked * 5;
    let (per_token, per_target) = settings.shape.training_operations();
    let operations = per_token + per_target * targets as f64 / read as f64;
    println!(
        "| {} | {:.1} M | {speed:.0} | {:.1} | {:.0} |",
        size.name(),
        settings.shape.parameters() as f64 / 1e6,
        speed * 3600.0 / 1e6,
        speed * operations / 1e9
    );
    Ok(())
}
