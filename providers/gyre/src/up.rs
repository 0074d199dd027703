//! `gyre up`: config, build, announce, serve, drain.

use crate::cli::UpArgs;
use crate::state::StateDir;
use anyhow::{Context, Result};
use gyre_engine_ipc::{Engine as Inference, EngineConfig};
use gyre_manifest::{App as Manifest, Route};
use gyre_serve::{App, Config, Server};
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
pub(crate) async fn serve(args: &UpArgs, manifest: Manifest) -> Result<()> {
    let state = StateDir::open(&args.state_dir()?)?;
    let inference = start_inference(args, &manifest)?;
    let app = build(args, &manifest, &state, inference.clone())?;
    let server = gyre_serve::listen(args.listen, app).await?;
    announce(&manifest, &server);
    let drained = server.run(stop_signal()).await;
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

/// Starts the worker when a component may use a model.
fn start_inference(args: &UpArgs, manifest: &Manifest) -> Result<Option<Inference>> {
    if manifest
        .components
        .values()
        .all(|component| component.ai_models.is_empty())
    {
        return Ok(None);
    }
    let worker = std::env::current_exe()
        .context("cannot tell where this program is")?
        .with_file_name(WORKER);
    if !worker.is_file() {
        eprintln!(
            "gyre: no model can run: {} is not there; hint: `cargo xtask build` makes it, `cargo xtask up` installs it",
            worker.display()
        );
        return Ok(None);
    }
    Ok(Some(Inference::start(EngineConfig::new(
        worker,
        args.models_dir()?,
    ))))
}

fn build(
    args: &UpArgs,
    manifest: &Manifest,
    state: &StateDir,
    inference: Option<Inference>,
) -> Result<Arc<App>> {
    let variables = gyre_manifest::resolve_variables(manifest, &args.variables()?)?;
    let config = Config {
        sandboxes_max: SANDBOXES_MAX,
        cache_dir: state.compiled(),
        databases: state.databases(),
        inference,
    };
    Ok(App::build(manifest, &variables, config)?)
}

/// Says where it listens, on stdout, in one line that scripts may read; the rest goes to stderr.
fn announce(manifest: &Manifest, server: &Server) {
    for trigger in &manifest.triggers {
        match &trigger.route {
            Route::Private => eprintln!("gyre: {} is private", trigger.component),
            Route::Pattern(pattern) => eprintln!("gyre: {} serves {}", trigger.component, pattern.as_str()),
        }
    }
    println!("Listening on http://{}", server.address());
}

/// Ctrl-C, or SIGTERM from a supervisor.
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(error) => {
                tracing::warn!(%error, "cannot listen for SIGTERM");
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
    eprintln!("gyre: stopping; requests under way have 10 s to finish");
}
