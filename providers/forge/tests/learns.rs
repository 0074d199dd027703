//! A tiny model learns to look up what a conversation told it.

mod support;

use anyhow::{Context as _, Result};
use gyre_forge::model::{Llama, Shape};
use gyre_forge::train::{Optimiser, Quiet, Run, Settings, Upkeep, train};
use std::sync::atomic::AtomicBool;

#[test]
fn a_tiny_model_learns_with_each_optimiser() -> Result<()> {
    let size = support::Facts {
        conversations: 200,
        told: 2,
        asked: 2,
        length: 2,
        vocabulary: 12,
    };
    let (tokens, dev) = (support::facts(size, 1), support::facts(size, 2));
    let shape = Shape {
        layers: 2,
        width: 32,
        heads: 2,
        kv_heads: 2,
        feed_forward: 64,
        vocabulary: 12,
        context: 32,
        rope_theta: 10_000.0,
        norm_epsilon: 1e-5,
    };
    for optimiser in [Optimiser::AdamW, Optimiser::Muon] {
        let folder = tempfile::tempdir()?;
        let settings = Settings {
            optimiser,
            rate: 1e-2,
            batch_tokens: 512,
            ..Settings::new(shape.clone(), 1, 60)
        };
        let upkeep = Upkeep::default();
        let run = Run {
            settings: &settings,
            upkeep: &upkeep,
            tokens: &tokens,
            dev: Some(&dev),
            folder: folder.path(),
            from: None,
        };
        let mut model = Llama::new(&shape, settings.pass_tokens_max(), settings.precision)?;
        let outcome = train(run, &mut model, &mut Quiet, &AtomicBool::new(false))?;
        let loss = outcome.dev_loss.context("it was measured")?;
        // Who knows only that answers are none of the two marks guesses one of ten: a loss of 2.3.
        assert!(loss < 2.2, "{optimiser:?}: {loss}");
    }
    Ok(())
}
