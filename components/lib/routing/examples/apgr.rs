//! How well prompts are divided between a strong and a weak model, on the outcomes that `RouteLLM` published.
//!
//! `cargo run -p gyre-routing --example apgr -- FOLDER`, with its gsm8k.csv and mmlu_*.csv. The measure is the paper's
//! average performance gap recovered: the area under the share of the gap that is recovered, over the share of prompts
//! that the strong model gets; .5 is chance. Cross-validated in five folds with fixed seeds: no prompt is ranked by a
//! model that has seen it.

use gyre_routing::PromptGain;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const FOLDS: usize = 5;
const SEEDS: [u64; 3] = [1, 2, 3];
/// Of the regression, set once for all data.
const STRENGTH: f64 = 10.0;

/// A prompt, and how much better the strong model answered it: 1, 0 or -1.
struct Sample {
    prompt: String,
    gain: f64,
}

fn main() -> ExitCode {
    let Some(folder) = std::env::args()
        .nth(1)
        .map(PathBuf::from)
        .filter(|it| it.is_dir())
    else {
        eprintln!("apgr: name the folder with RouteLLM's outcomes; hint: apgr FOLDER");
        return ExitCode::from(64);
    };
    for name in ["gsm8k", "mmlu"] {
        match samples(&folder, name) {
            Ok(samples) if !samples.is_empty() => report(name, &samples),
            Ok(_) => println!("{name}: no rows in {}", folder.display()),
            Err(error) => {
                eprintln!("apgr: {name}: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

/// The rows of all files whose name begins so, in the order of the names.
fn samples(folder: &Path, name: &str) -> Result<Vec<Sample>, Box<dyn std::error::Error>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let file = path.file_name().and_then(|it| it.to_str()).unwrap_or_default();
        if file.starts_with(name) && path.extension().is_some_and(|it| it == "csv") {
            files.push(path);
        }
    }
    files.sort();
    let mut samples = Vec::new();
    for file in files {
        for row in csv::Reader::from_path(&file)?.records() {
            let row = row?;
            let right = |column: usize| if row.get(column) == Some("True") { 1.0 } else { 0.0 };
            samples.push(Sample {
                prompt: row.get(0).unwrap_or_default().to_owned(),
                gain: right(2) - right(1),
            });
        }
    }
    Ok(samples)
}

fn report(name: &str, samples: &[Sample]) {
    let scores: Vec<f64> = SEEDS.iter().map(|seed| validated(samples, *seed)).collect();
    let mean = scores.iter().sum::<f64>() / real(scores.len());
    let chance: Vec<f64> = SEEDS
        .iter()
        .map(|seed| apgr(samples, &keys(samples.len(), *seed)))
        .collect();
    let chance = chance.iter().sum::<f64>() / real(chance.len());
    println!(
        "{name}: {} rows, APGR {mean:.4} (seeds {scores:.4?}), chance {chance:.4}",
        samples.len()
    );
}

/// The measure, every fold ranked by what was learned from the others.
fn validated(samples: &[Sample], seed: u64) -> f64 {
    let keys = keys(samples.len(), seed);
    let mut order: Vec<usize> = (0..samples.len()).collect();
    order.sort_by(|left, right| keys[*left].total_cmp(&keys[*right]));
    let mut predicted = vec![0.0; samples.len()];
    for fold in 0..FOLDS {
        let of_fold = |at: &usize| at % FOLDS == fold;
        let (held, learned): (Vec<usize>, Vec<usize>) = (0..order.len()).partition(of_fold);
        let prompts: Vec<&str> = learned
            .iter()
            .map(|at| samples[order[*at]].prompt.as_str())
            .collect();
        let gains: Vec<f64> = learned.iter().map(|at| samples[order[*at]].gain).collect();
        let Ok(model) = PromptGain::fit(&prompts, &gains, STRENGTH) else {
            continue;
        };
        for at in held {
            predicted[order[at]] = model.predict(&samples[order[at]].prompt);
        }
    }
    apgr(samples, &predicted)
}

/// The area under the recovered share of the gap, prompts of the largest predicted gain first.
fn apgr(samples: &[Sample], predicted: &[f64]) -> f64 {
    let mut order: Vec<usize> = (0..samples.len()).collect();
    order.sort_by(|left, right| predicted[*right].total_cmp(&predicted[*left]));
    let gap: f64 = samples.iter().map(|it| it.gain).sum();
    let mut recovered = 0.0;
    let mut area = 0.0;
    for at in order {
        let next = recovered + samples[at].gain / gap;
        area += f64::midpoint(recovered, next);
        recovered = next;
    }
    area / real(samples.len())
}

fn keys(count: usize, seed: u64) -> Vec<f64> {
    let mut dice = SmallRng::seed_from_u64(seed);
    (0..count).map(|_| dice.random()).collect()
}

fn real(number: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "some thousand rows")]
    let real = number as f64;
    real
}
