//! Whether a size learns to look up what a conversation told: `cargo run --release -p gyre-forge --example copying --
//! --help`. Ctrl-C leaves a checkpoint, and the same command goes on.

#[path = "../tests/support/mod.rs"]
mod support;

use anyhow::{Context as _, Result};
use clap::Parser;
use gyre_forge::model::{Llama, Size};
use gyre_forge::train::{Bar, Optimiser, Run, Settings, Upkeep, stop_on_signals, train};
use std::path::PathBuf;

/// Trains on conversations that tell random facts and ask for some of them.
#[derive(Parser)]
struct Arguments {
    /// Where the run lives.
    folder: PathBuf,
    /// Which size.
    #[arg(long, default_value = "nano-s")]
    size: String,
    /// Steps in all.
    #[arg(long, default_value_t = 300)]
    steps: u64,
    /// Steps in which the rate falls.
    #[arg(long, default_value_t = 60)]
    decay_steps: u64,
    /// The learning rate.
    #[arg(long, default_value_t = 2e-3)]
    rate: f32,
    /// Tokens of a step.
    #[arg(long, default_value_t = 8192)]
    batch_tokens: usize,
    /// Tokens there are.
    #[arg(long, default_value_t = 256)]
    vocabulary: u16,
    /// Facts that a conversation tells: 8 tokens each.
    #[arg(long, default_value_t = 8)]
    told: usize,
    /// Facts that it asks for: 8 tokens each, 5 of them targets.
    #[arg(long, default_value_t = 8)]
    asked: usize,
    /// Conversations, beside as many others for the dev split.
    #[arg(long, default_value_t = 20_000)]
    conversations: usize,
    /// AdamW instead of Muon.
    #[arg(long)]
    adam: bool,
    /// Of the first weights and the order.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let named = Size::ALL.into_iter().find(|size| size.name() == arguments.size);
    let size = named.context("there are nano-s, nano-m and nano-l")?;
    let facts = support::Facts {
        conversations: arguments.conversations,
        told: arguments.told,
        asked: arguments.asked,
        length: 5,
        vocabulary: arguments.vocabulary,
    };
    let (tokens, dev) = (support::facts(facts, 1), support::facts(facts, 2));
    let settings = Settings {
        rate: arguments.rate,
        decay_steps: arguments.decay_steps,
        batch_tokens: arguments.batch_tokens,
        optimiser: if arguments.adam {
            Optimiser::AdamW
        } else {
            Optimiser::Muon
        },
        ..Settings::new(
            size.shape(usize::from(arguments.vocabulary), 1024),
            arguments.seed,
            arguments.steps,
        )
    };
    let upkeep = Upkeep {
        dev_steps: 25,
        dev_tokens_max: 10_000,
        ..Upkeep::default()
    };
    let run = Run {
        settings: &settings,
        upkeep: &upkeep,
        tokens: &tokens,
        dev: Some(&dev),
        folder: &arguments.folder,
        from: None,
    };
    let mut model = Llama::new(&settings.shape, settings.pass_tokens_max(), settings.precision)?;
    let outcome = train(run, &mut model, &mut Bar::new(), &*stop_on_signals()?)?;
    println!("{outcome:#?}");
    Ok(())
}
