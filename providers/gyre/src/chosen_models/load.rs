//! Loading before the server says that it listens: what cannot be loaded is told now, and the first answer is quick.

use super::error::ModelError;
use super::file::LocalModel;
use crate::load_bar::LoadBar;
use gyre_engine_ipc::Engine;

/// Loads the models one after another; who waits sees how far it is.
pub(crate) async fn load(engine: &Engine, models: &[LocalModel]) -> Result<(), ModelError> {
    for model in models {
        let what = format!("loading {} ({})", model.name, model.needs());
        let bar = LoadBar::new(what.clone());
        if bar.is_hidden() {
            eprintln!("gyre: {what}");
        }
        let loaded = engine.load(&model.name, |fraction| bar.at(fraction)).await;
        bar.gone();
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
