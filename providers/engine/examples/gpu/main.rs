//! Measures the worker on a graphics processor: `cargo run -p gyre-engine --example gpu -- --help`, see `docs/gpu.md`.
//!
//! It makes models of random weights in the shape of real ones, checks that a small one says the same as on the processor,
//! and measures many conversations at once. One JSON document on stdout, with the devices named.

mod measure;
mod model;

use anyhow::{Context, Result, bail};
use clap::Parser;
use gyre_engine_ipc::EngineConfig;
use measure::Load;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

const GREEDY_TOKENS: u32 = 64;

/// Measures the worker on a graphics processor.
#[derive(Parser)]
struct Options {
    /// The worker, built for the device.
    #[arg(long)]
    worker: PathBuf,
    /// The worker that says what is right, built without any backend; the same one when absent.
    #[arg(long)]
    reference: Option<PathBuf>,
    /// Where models are made, and kept for the next run: 19 GB for all of them.
    #[arg(long)]
    models: PathBuf,
    /// Shapes to measure.
    #[arg(long, value_delimiter = ',', default_value = "1b,8b")]
    shapes: Vec<String>,
    /// Conversations at once.
    #[arg(long, value_delimiter = ',', default_value = "1,8,32,128,256", value_parser = clap::value_parser!(u32).range(1..=256))]
    sequences: Vec<u32>,
    /// Tokens of each prompt, beside those of the template.
    #[arg(long, default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..))]
    prompt_tokens: u32,
    /// Tokens of each answer.
    #[arg(long, default_value_t = 128, value_parser = clap::value_parser!(u32).range(1..))]
    answer_tokens: u32,
    /// The shape that answers are compared with.
    #[arg(long, default_value = "small")]
    compared: String,
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    let reference = options.reference.as_ref().unwrap_or(&options.worker);
    let compared = prepare(&options.models, &options.compared)?;
    let expected = measure::greedy(
        &EngineConfig::new(reference, &options.models),
        compared.name,
        GREEDY_TOKENS,
    )
    .await?;
    let answered = measure::greedy(
        &EngineConfig::new(&options.worker, &options.models),
        compared.name,
        GREEDY_TOKENS,
    )
    .await?;
    let same = expected
        .chars()
        .zip(answered.chars())
        .take_while(|(a, b)| a == b)
        .count();
    let mut runs = Vec::new();
    for name in &options.shapes {
        let shape = prepare(&options.models, name)?;
        for sequences in &options.sequences {
            for shared_prefix in [false, true] {
                let load = Load {
                    sequences: *sequences,
                    prompt_tokens: options.prompt_tokens,
                    answer_tokens: options.answer_tokens,
                    shared_prefix,
                };
                eprintln!("{name}: {sequences} at once, shared prefix: {shared_prefix}");
                let config = EngineConfig::new(&options.worker, &options.models);
                runs.push(match measure::run(&config, shape.name, load).await {
                    Ok(figures) => json!({ "shape": shape, "figures": figures }),
                    // One that does not fit the device is a result too.
                    Err(error) => json!({ "shape": shape, "load": load, "error": error.to_string() }),
                });
            }
        }
    }
    let report = json!({
        "worker": devices(&options.worker)?,
        "reference": devices(reference)?,
        "greedy": { "shape": compared, "same": expected == answered, "characters_alike": same,
            "characters": expected.chars().count() },
        "runs": runs,
    });
    println!("{}", serde_json::to_string_pretty(&report)?);
    if expected != answered {
        bail!(
            "the answers of device and reference part after {same} characters: look at the first tokens' logits"
        );
    }
    Ok(())
}

/// The model of a shape, made where it is not there yet.
fn prepare(models: &Path, name: &str) -> Result<model::Shape> {
    let shape = model::SHAPES.into_iter().find(|shape| shape.name == name);
    let shape =
        shape.with_context(|| format!("there is no shape {name}: there are 1b, 8b, small and tiny"))?;
    let path = models.join(format!("{name}.gguf"));
    if !path.is_file() {
        eprintln!("making {}", path.display());
        model::write(shape, &path)?;
    }
    Ok(shape)
}

fn devices(worker: &Path) -> Result<Value> {
    let output = Command::new(worker).arg("--devices").output();
    let output = output.with_context(|| format!("cannot start {}", worker.display()))?;
    serde_json::from_slice(&output.stdout).context("the worker does not say what it computes on")
}
