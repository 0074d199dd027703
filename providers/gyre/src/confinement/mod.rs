//! The second wall of `gyre up`: what of this machine its own process can reach.
//!
//! The order is the design. [`shed`] comes first, before anything is read from the environment. Then one thread opens what
//! is needed, [`enter`] closes the rest, and only then is the runtime started, whose threads are behind the wall because
//! their creator is. Components are compiled behind it too.

mod ports;

use crate::cli::{Confine, UpArgs};
use crate::exit::Usage;
use crate::opened::Opened;
use crate::state;
use crate::stores;
use anyhow::{Context, Result};
use gyre_confine::{Mode, Network, Wall, gpu, libraries, loaders, machine, network_files};
use gyre_engine_ipc::EngineConfig;
use gyre_manifest::{App, Component, Source, resolve_template};
use gyre_runtime_config::RuntimeConfig;
use std::path::{Path, PathBuf};

/// Says to a library of telemetry whom to call, beside any manifest.
const TELEMETRY: &str = "OTEL_EXPORTER_";

/// Starts this program anew without the variables and open files that are not for it, where it has such.
pub(crate) fn shed(args: &UpArgs, config: &RuntimeConfig) -> Result<()> {
    // A build wants the environment it was started in.
    if args.wall.confine == Confine::Off || args.watch {
        return Ok(());
    }
    let state =
        std::path::absolute(args.state_dir(config)?).context("cannot tell where the state folder is")?;
    let temporary = state::temporary(&state).into_os_string();
    let set = [("SQLITE_TMPDIR", temporary.clone()), ("TMPDIR", temporary)];
    gyre_confine::shed(&set, &stores::variable_prefixes(config))?;
    Ok(())
}

/// Has the worker confined as its host is.
pub(crate) fn of_worker(args: &UpArgs, config: &mut EngineConfig) {
    if args.wall.confine == Confine::Off || args.watch {
        return;
    }
    config.confined = true;
    // Behind the wall it cannot read which cores its group has. One is left to the host.
    config.threads.get_or_insert_with(|| {
        let cores =
            std::thread::available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1));
        u32::try_from(cores).unwrap_or(u32::MAX)
    });
}

/// Closes everything but what was opened; says what this kernel cannot close.
pub(crate) fn enter(args: &UpArgs, opened: &Opened) -> Result<()> {
    let mode = match args.wall.confine {
        Confine::Off => return Ok(()),
        // A file that is built anew is another file, and a build is a program.
        Confine::Auto if args.watch => {
            eprintln!("gyre: --watch runs builds and reads what they leave, so there is no second wall");
            return Ok(());
        }
        Confine::On if args.watch => {
            return Err(Usage::new(
                "--watch and --confine on exclude each other",
                "leave one of them out",
            )
            .into());
        }
        Confine::Auto => Mode::Auto,
        Confine::On => Mode::On,
    };
    let missing = wall(args, opened).enter(mode)?;
    if missing.is_empty() {
        tracing::info!("the second wall stands");
    } else {
        eprintln!(
            "gyre: this kernel lacks {} for the second wall; hint: Linux 6.12 or later has it all",
            missing.join(", ")
        );
    }
    Ok(())
}

fn wall(args: &UpArgs, opened: &Opened) -> Wall {
    let mut wall = Wall {
        read: [libraries(), network_files(), machine(), files(&opened.manifest)].concat(),
        write: written(args, opened),
        execute: Vec::new(),
        devices: Vec::new(),
        network: network(opened),
    };
    if let Some(worker) = &opened.worker {
        let_worker_start(&mut wall, worker);
    }
    wall
}

/// The worker is started again when it dies, and has at most what its host has; its own wall takes the rest away.
fn let_worker_start(wall: &mut Wall, worker: &EngineConfig) {
    let (devices, driver_files) = gpu();
    wall.devices = devices;
    wall.read.extend(driver_files);
    wall.read.push(worker.models_dir.clone());
    // Some of them may be links to elsewhere.
    wall.read
        .extend(gyre_gguf::folder::files(&worker.models_dir).unwrap_or_default());
    wall.read
        .extend(gyre_gguf::folder::adapter_files(&worker.models_dir).unwrap_or_default());
    wall.read
        .extend(worker.models.iter().map(|(_, path)| path.clone()));
    let graphs = gyre_onnx::folder::files(&worker.models_dir).unwrap_or_default();
    wall.read
        .extend(graphs.iter().map(|path| gyre_onnx::folder::tokenizer_of(path)));
    wall.read.extend(graphs);
    wall.read.extend(worker.onnxruntime.clone());
    wall.execute = loaders().into_iter().filter(|path| path.exists()).collect();
    wall.execute.push(worker.worker.clone());
}

/// The state folder, and what the runtime configuration and the command line put elsewhere.
fn written(args: &UpArgs, opened: &Opened) -> Vec<PathBuf> {
    // The second is in the first, but for those who share what they compiled.
    let mut written = vec![opened.state.path().to_owned(), opened.state.compiled()];
    written.extend(stores::folders(&opened.config));
    written.extend(args.log_dir.clone());
    written
}

/// The application: its components and what they may read.
fn files(manifest: &App) -> Vec<PathBuf> {
    manifest.components.values().flat_map(of_component).collect()
}

fn of_component(component: &Component) -> Vec<PathBuf> {
    let sources = component.sources().filter_map(Source::file).map(Path::to_owned);
    let mut files: Vec<PathBuf> = sources.collect();
    files.extend(component.files.iter().map(|mount| mount.source.clone()));
    // Patterns are matched below it.
    if !component.file_patterns.is_empty() {
        files.push(component.root.clone());
    }
    files
}

/// The ports that the manifest names. Which hosts, the grants of each component decide.
fn network(opened: &Opened) -> Network {
    let telemetry = std::env::vars_os().any(|(name, _)| name.to_string_lossy().starts_with(TELEMETRY));
    let resolved = |key: &str, text: &String| resolve_template(key, text, &opened.variables).ok();
    let hosts = opened
        .manifest
        .components
        .values()
        .flat_map(|component| &component.allowed_outbound_hosts)
        .map(|host| resolved("allowed_outbound_hosts", host));
    let servers = opened
        .manifest
        .redis_triggers
        .iter()
        .map(|it| resolved("address", &it.address));
    let stores = stores::servers(&opened.config).into_iter().map(Some);
    let named: Option<Vec<String>> = hosts.chain(servers).chain(stores).collect();
    match named.and_then(|named| ports::of(&named)) {
        Some(ports) if !telemetry => Network::Ports(ports),
        _ => Network::Open,
    }
}
