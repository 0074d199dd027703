//! `gyre up`: config, socket, second wall, models, build, announce, serve, drain.

use crate::chosen_models::{self, Choice};
use crate::cli::UpArgs;
use crate::opened::Opened;
use crate::operations::Operations;
use crate::sources;
use crate::state::StateDir;
use crate::stop::StopSignal;
use crate::stores;
use crate::telemetry;
use crate::watch::{Running, Watch};
use crate::{confinement, inference, source};
use anyhow::{Context, Result};
use futures::FutureExt;
use gyre_capability_otel::Telemetry;
use gyre_engine_ipc::Engine as Inference;
use gyre_manifest::{App as Manifest, ResolvedVariables, Route};
use gyre_runtime_config::RuntimeConfig;
use gyre_serve::{App, BlockedNetworks, Channels, Config, Metrics, Networking, Server, Subscription};
use std::sync::Arc;

/// Runs the application until it is told to stop.
pub(crate) fn up(args: &UpArgs) -> Result<()> {
    let config = args.runtime_config()?;
    confinement::shed(args, &config)?;
    let manifest = source::manifest(args)?;
    serve(args, config, manifest)
}

/// Runs what a manifest says until it is told to stop; `args.from` and `args.profile` have been read.
pub(crate) fn serve(args: &UpArgs, config: RuntimeConfig, manifest: Manifest) -> Result<()> {
    let opened = open(args, config, manifest)?;
    confinement::enter(args, &opened)?;
    crate::runtime()?.block_on(run(args, opened))
}

fn open(args: &UpArgs, config: RuntimeConfig, mut manifest: Manifest) -> Result<Opened> {
    stores::limit_memory(&config, &mut manifest);
    let choice = chosen_models::choose(&args.engine, &chosen_models::defaults(&manifest))?;
    choice.grant(&mut manifest)?;
    let state = StateDir::open(&args.state_dir(&config)?)?;
    // What the wall lets through must be there.
    stores::make_folders(&config)?;
    if let Some(folder) = &args.log_dir {
        std::fs::create_dir_all(folder).with_context(|| {
            format!(
                "cannot make {}; hint: name another folder with --log-dir",
                folder.display()
            )
        })?;
    }
    sources::fetch(&mut manifest, &state.fetched())?;
    Ok(Opened {
        variables: variables(args, &config, &manifest, &choice)?,
        state,
        worker: inference::worker(args, &manifest, &choice)?,
        socket: gyre_serve::bind(args.listen)?,
        admin: args.admin.map(gyre_serve::bind).transpose()?,
        config,
        manifest,
        choice,
    })
}

/// Everything else, behind the wall.
async fn run(args: &UpArgs, opened: Opened) -> Result<()> {
    let telemetry = telemetry::start()?;
    let inference = opened.worker.clone().map(Inference::start);
    // Before the files are read, so that no change is missed.
    let watch = args
        .watch
        .then(|| Watch::begin(&args.from, &opened.manifest))
        .transpose()?;
    let app = build(args, &opened, inference.clone(), &telemetry)?;
    let Opened {
        config,
        manifest,
        choice,
        socket,
        admin,
        variables,
        ..
    } = opened;
    let channels = Channels::new(&app);
    let server = gyre_serve::listen(socket, Arc::clone(&app))?.bounded(args.bounds.bounds());
    let mut operations = Operations::start(&app, admin)?;
    // Before anything is said, so that who reads it may stop us.
    let mut stop = StopSignal::listen()?;
    if let Some(inference) = &inference {
        inference::load(inference, &choice, &mut stop).await?;
    }
    if args.engine.model.is_empty() {
        inference::say_what_could_answer(args, &manifest, &choice)?;
    }
    // Who reads that we serve finds us ready.
    operations.ready();
    announce(&manifest, &channels, &server);
    let drain_s = args.bounds.drain;
    let read = || reread(args, &config, &choice);
    let stopped = async {
        tokio::select! {
            () = stop.received() => {}
            Some(()) = reload(watch, Running { app, manifest, variables }, read) => {}
        }
        eprintln!("gyre: stopping; requests under way have {drain_s} s to finish");
        operations.draining();
    }
    .shared();
    let (drained, handled) = tokio::join!(server.run(stopped.clone()), channels.run(stopped));
    operations.end().await;
    if let Some(exporter) = telemetry.exporter() {
        exporter.flush().await;
    }
    if let Some(inference) = inference {
        inference.shutdown().await;
    }
    anyhow::ensure!(
        drained && handled,
        "stopped before every request had ended and every message was handled: what still ran was cut after {drain_s} s; hint: --drain gives them longer"
    );
    eprintln!("gyre: stopped");
    Ok(())
}

/// What the manifest says now.
fn reread(args: &UpArgs, config: &RuntimeConfig, choice: &Choice) -> Result<(Manifest, ResolvedVariables)> {
    let mut manifest = source::manifest(args)?;
    stores::limit_memory(config, &mut manifest);
    choice.grant(&mut manifest)?;
    let variables = variables(args, config, &manifest, choice)?;
    Ok((manifest, variables))
}

/// Takes changes into the running application, if that is wanted; gives nothing when there is nothing to watch.
async fn reload(
    watch: Option<Watch>,
    running: Running,
    read: impl Fn() -> Result<(Manifest, ResolvedVariables)>,
) -> Option<()> {
    watch?.run(running, read).await;
    None
}

/// The values of the application's variables: the command line has the last word.
fn variables(
    args: &UpArgs,
    config: &RuntimeConfig,
    manifest: &Manifest,
    choice: &Choice,
) -> Result<ResolvedVariables> {
    let mut given = stores::variables(config, manifest)?;
    given.extend(args.variables()?);
    choice.name_default(manifest, &mut given);
    Ok(gyre_manifest::resolve_variables(manifest, &given)?)
}

fn build(
    args: &UpArgs,
    opened: &Opened,
    inference: Option<Inference>,
    telemetry: &Telemetry,
) -> Result<Arc<App>> {
    let (state, runtime) = (&opened.state, &opened.config);
    let config = Config {
        sandboxes_max: args.bounds.sandboxes_max,
        cache_dir: state.compiled(),
        files_dir: state.files(),
        databases: stores::databases(runtime, state)?,
        key_value: stores::key_value(runtime, state)?,
        inference,
        llm: stores::llm(runtime)?,
        networking: Networking {
            blocked: BlockedNetworks::none(),
            connections_max: args.bounds.outbound_connections.get(),
        },
        guest_output: args.guest_output(),
        metrics: Arc::new(Metrics::new()),
        telemetry: telemetry.clone(),
    };
    Ok(App::build(&opened.manifest, &opened.variables, config)?)
}

/// Says where it listens, on stdout, in one line that scripts may read; the rest goes to stderr.
fn announce(manifest: &Manifest, channels: &Channels, server: &Server) {
    for trigger in &manifest.triggers {
        let name = trigger.component().unwrap_or("a static response");
        match &trigger.route {
            Route::Private => eprintln!("gyre: {name} is private"),
            Route::Pattern(pattern) => eprintln!("gyre: {name} serves {}", pattern.as_str()),
        }
    }
    for Subscription {
        component,
        channel,
        address,
        ..
    } in channels.subscriptions()
    {
        eprintln!("gyre: {component} gets the messages of channel {channel} on {address}");
    }
    println!("Listening on http://{}", server.address());
}
