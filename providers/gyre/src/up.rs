//! `gyre up`: config, models, build, announce, serve, drain.

use crate::chosen_models::{self, Choice, ModelError};
use crate::cli::UpArgs;
use crate::client;
use crate::operations::Operations;
use crate::state::StateDir;
use crate::stop::StopSignal;
use crate::telemetry;
use crate::watch::{Running, Watch};
use anyhow::{Context, Result};
use gyre_capability_otel::Telemetry;
use gyre_engine_ipc::Engine as Inference;
use gyre_manifest::{App as Manifest, ResolvedVariables, Route};
use gyre_serve::{App, Config, Metrics, Server};
use std::sync::Arc;

/// Sandboxes at once. Each takes address space for its memories, and little else until it is used.
const SANDBOXES_MAX: u32 = 256;
/// The worker's executable, installed beside this one.
const WORKER: &str = "gyre-engine";

/// Runs the application until it is told to stop.
pub(crate) async fn up(args: &UpArgs) -> Result<()> {
    let manifest = gyre_manifest::load(&args.from, Some(&args.profile))?;
    serve(args, manifest).await
}

/// Runs what a manifest says until it is told to stop; `args.from` and `args.profile` have been read.
pub(crate) async fn serve(args: &UpArgs, mut manifest: Manifest) -> Result<()> {
    let choice = chosen_models::choose(&args.engine)?;
    choice.grant(&mut manifest)?;
    let state = StateDir::open(&args.state_dir()?)?;
    let telemetry = telemetry::start()?;
    let inference = start_inference(args, &manifest, &choice)?;
    let variables = variables(args, &manifest, &choice)?;
    // Before the files are read, so that no change is missed.
    let watch = args
        .watch
        .then(|| Watch::begin(&args.from, &manifest))
        .transpose()?;
    let app = build(&manifest, &variables, &state, inference.clone(), &telemetry)?;
    // Bound before models are loaded: that an address is taken is known at once.
    let server = gyre_serve::listen(args.listen, Arc::clone(&app)).await?;
    let mut operations = Operations::start(&app, args.admin).await?;
    // Before anything is said, so that who reads it may stop us.
    let mut stop = StopSignal::listen()?;
    if let Some(inference) = &inference {
        load_models(inference, &choice, &mut stop).await?;
    }
    if matches!(choice, Choice::Unsaid) {
        say_what_could_answer(args, &manifest)?;
    }
    announce(&manifest, &server);
    operations.ready();
    let stopped = async {
        tokio::select! {
            () = stop.received() => {}
            Some(()) = reload(args, &choice, watch, Running { app, manifest, variables }) => {}
        }
        eprintln!("gyre: stopping; requests under way have 10 s to finish");
        operations.draining();
    };
    let drained = server.run(stopped).await;
    operations.end().await;
    if let Some(exporter) = telemetry.exporter() {
        exporter.flush().await;
    }
    if let Some(inference) = inference {
        inference.shutdown().await;
    }
    anyhow::ensure!(
        drained,
        "stopped before every request had ended; hint: long streams were cut after 10 s"
    );
    eprintln!("gyre: stopped");
    Ok(())
}

/// Takes changes into the running application, if that is wanted; gives nothing when there is nothing to watch.
async fn reload(args: &UpArgs, choice: &Choice, watch: Option<Watch>, running: Running) -> Option<()> {
    let read = || {
        let mut manifest = gyre_manifest::load(&args.from, Some(&args.profile))?;
        choice.grant(&mut manifest)?;
        let variables = variables(args, &manifest, choice)?;
        Ok((manifest, variables))
    };
    watch?.run(running, read).await;
    None
}

/// Starts the worker when a component may use a model.
fn start_inference(args: &UpArgs, manifest: &Manifest, choice: &Choice) -> Result<Option<Inference>> {
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
    Ok(Some(Inference::start(config)))
}

/// Loads the models given; Ctrl-C ends it, and the worker with it.
async fn load_models(inference: &Inference, choice: &Choice, stop: &mut StopSignal) -> Result<()> {
    let loaded = tokio::select! {
        loaded = chosen_models::load(inference, choice.models()) => loaded.map_err(Into::into),
        () = stop.received() => Err(client::Error::Interrupted.into()),
    };
    if loaded.is_err() {
        inference.shutdown().await;
    }
    loaded
}

/// A chat model lies there that nobody may use: one line says how.
fn say_what_could_answer(args: &UpArgs, manifest: &Manifest) -> Result<()> {
    let folder = args.engine.folder.path()?;
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

fn variables(args: &UpArgs, manifest: &Manifest, choice: &Choice) -> Result<ResolvedVariables> {
    let mut given = args.variables()?;
    choice.name_default(manifest, &mut given);
    Ok(gyre_manifest::resolve_variables(manifest, &given)?)
}

fn build(
    manifest: &Manifest,
    variables: &ResolvedVariables,
    state: &StateDir,
    inference: Option<Inference>,
    telemetry: &Telemetry,
) -> Result<Arc<App>> {
    let config = Config {
        sandboxes_max: SANDBOXES_MAX,
        cache_dir: state.compiled(),
        databases: state.databases(),
        key_value: state.key_value(),
        inference,
        metrics: Arc::new(Metrics::new()),
        telemetry: telemetry.clone(),
    };
    Ok(App::build(manifest, variables, config)?)
}

/// Says where it listens, on stdout, in one line that scripts may read; the rest goes to stderr.
fn announce(manifest: &Manifest, server: &Server) {
    for trigger in &manifest.triggers {
        let name = trigger.component().unwrap_or("a static response");
        match &trigger.route {
            Route::Private => eprintln!("gyre: {name} is private"),
            Route::Pattern(pattern) => eprintln!("gyre: {name} serves {}", pattern.as_str()),
        }
    }
    println!("Listening on http://{}", server.address());
}
