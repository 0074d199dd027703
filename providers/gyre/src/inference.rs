//! The engine of `gyre up`: how its worker is run, and what it loads before anybody is served.

use crate::chosen_models::{self, Choice, ModelError};
use crate::cli::UpArgs;
use crate::stop::StopSignal;
use crate::{client, confinement};
use anyhow::{Context, Result};
use gyre_engine_ipc::{Engine as Inference, EngineConfig};
use gyre_manifest::App as Manifest;

/// The worker's executable, installed beside this one.
const WORKER: &str = "gyre-engine";

/// How the worker is run, when a component may use a model.
pub(crate) fn worker(args: &UpArgs, manifest: &Manifest, choice: &Choice) -> Result<Option<EngineConfig>> {
    let unwanted = matches!(choice, Choice::NoModel);
    let ungranted = manifest
        .components
        .values()
        .all(|component| component.ai_models.is_empty());
    if unwanted || ungranted {
        return Ok(None);
    }
    let worker = std::env::current_exe()
        .context("cannot tell where this program is")?
        .with_file_name(WORKER);
    if !worker.is_file() {
        if !choice.models().is_empty() {
            return Err(ModelError::NoWorker { path: worker }.into());
        }
        eprintln!(
            "gyre: no model can run: {} is not there; hint: `cargo xtask build` makes it, `cargo xtask up` installs it",
            worker.display()
        );
        return Ok(None);
    }
    let mut config = args.engine.config(&worker, &args.engine.folder.path()?);
    choice.configure(&mut config);
    confinement::of_worker(args, &mut config);
    Ok(Some(config))
}

/// Loads the models given; Ctrl-C ends it, and the worker with it.
pub(crate) async fn load(inference: &Inference, choice: &Choice, stop: &mut StopSignal) -> Result<()> {
    let loaded = tokio::select! {
        loaded = chosen_models::load(inference, choice.models()) => loaded.map_err(Into::into),
        () = stop.received() => Err(client::Error::Interrupted.into()),
    };
    if loaded.is_err() {
        inference.shutdown().await;
    }
    loaded
}

/// The manifest's own model is not there, or a chat model is that nobody may use: one line each says how.
pub(crate) fn say_what_could_answer(args: &UpArgs, manifest: &Manifest, choice: &Choice) -> Result<()> {
    let folder = args.engine.folder.path()?;
    if choice.models().is_empty()
        && let Some(name) = chosen_models::defaults(manifest).first()
    {
        eprintln!(
            "gyre: {name} is not in {}, so no chat model runs; hint: `cargo xtask setup` puts it there, and \
             `gyre up --model FILE.gguf` takes another",
            folder.display()
        );
    }
    let granted = |name: &String| {
        manifest
            .components
            .values()
            .any(|component| component.ai_models.contains(name))
    };
    if manifest
        .components
        .values()
        .any(|component| component.local_models)
        && let Some(name) = chosen_models::chat_models(&folder)
            .into_iter()
            .find(|name| !granted(name))
    {
        eprintln!(
            "gyre: {name} in {} is a chat model; hint: `gyre up --model {name}` lets it answer",
            folder.display()
        );
    }
    Ok(())
}
