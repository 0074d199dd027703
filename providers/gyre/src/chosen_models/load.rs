//! Loading before the server says that it listens: what cannot be loaded is told now, and the first answer is quick.

use super::error::ModelError;
use super::file::LocalModel;
use gyre_engine_ipc::Engine;
use indicatif::{ProgressBar, ProgressStyle};

/// Steps of the bar.
const STEPS: u64 = 1000;

/// Loads the models one after another; who waits sees how far it is.
pub(crate) async fn load(engine: &Engine, models: &[LocalModel]) -> Result<(), ModelError> {
    for model in models {
        let bar = bar(model);
        if bar.is_hidden() {
            eprintln!("gyre: loading {} ({})", model.name, model.needs());
        }
        let loaded = engine.load(&model.name, |fraction| bar.set_position(steps(fraction)));
        let loaded = loaded.await;
        bar.finish_and_clear();
        loaded.map_err(|error| ModelError::NotLoaded {
            name: model.name.clone(),
            error,
        })?;
        let draft = model
            .draft
            .as_ref()
            .map(|draft| format!("; {} writes ahead for it", draft.name));
        let draft = draft.unwrap_or_default();
        eprintln!("gyre: {} is loaded ({}){draft}", model.name, model.architecture);
    }
    Ok(())
}

/// Hidden where stderr is no terminal.
fn bar(model: &LocalModel) -> ProgressBar {
    let style = ProgressStyle::with_template("gyre: loading {msg} {wide_bar} {percent}% {elapsed}");
    let bar = ProgressBar::new(STEPS).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message(format!("{} ({})", model.name, model.needs()));
    bar
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a fraction from 0 to 1 is a step from 0 to 1000"
)]
fn steps(fraction: f32) -> u64 {
    (fraction.clamp(0.0, 1.0) * STEPS as f32) as u64
}
