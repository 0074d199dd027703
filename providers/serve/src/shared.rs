//! What all components of an application share, and what the operator gives for it.

use crate::BuildError;
use crate::engine::{self, PoolConfig};
use crate::guest_log::GuestOutput;
use crate::idle::IDLE_MAX;
use crate::metrics::Metrics;
use crate::sandbox::{self, Sandbox};
use gyre_capability_http::{Networking, Outbound};
use gyre_capability_key_value::Stores;
use gyre_capability_llm::{Backend, Remote};
use gyre_capability_otel::Telemetry;
use gyre_capability_postgres::Pools;
use gyre_capability_sqlite::Databases;
use gyre_engine_ipc::Engine as Inference;
use gyre_manifest::InstancePolicy;
use std::path::PathBuf;
use std::sync::Arc;
use wasmtime::component::Linker;
use wasmtime::{Cache, Engine};
/// What an application needs beside its manifest.
pub struct Config {
    /// Sandboxes that run at once, over all components.
    pub sandboxes_max: u32,
    /// Where compiled components are kept between starts.
    pub cache_dir: PathBuf,
    /// Where files that components may read are put together.
    pub files_dir: PathBuf,
    /// The SQLite databases of this application.
    pub databases: Databases,
    /// The key-value stores of this application.
    pub key_value: Stores,
    /// The engine behind wasi-nn; without one every model is absent, and says so.
    pub inference: Option<Inference>,
    /// What answers `fermyon:spin/llm`, where it is not that engine.
    pub llm: Option<Remote>,
    /// What the operator says about outgoing connections.
    pub networking: Networking,
    /// Where the output of guests goes.
    pub guest_output: GuestOutput,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Where spans go.
    pub telemetry: Telemetry,
}

/// What all services share.
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) linker: Linker<Sandbox>,
    pub(crate) databases: Arc<Databases>,
    pub(crate) key_value: Arc<Stores>,
    pub(crate) inference: Option<Inference>,
    pub(crate) llm: Backend,
    /// Where files that components may read are put together.
    pub(crate) files_dir: PathBuf,
    pub(crate) postgres: Arc<Pools>,
    pub(crate) outbound: Arc<Outbound>,
    pub(crate) guest_output: GuestOutput,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) telemetry: Telemetry,
    pub(crate) cache: Cache,
    /// What the pool was made for.
    pub(crate) memory_bytes_max: u64,
}

/// What all services share.
pub(crate) fn share(manifest: &gyre_manifest::App, config: Config) -> Result<Shared, BuildError> {
    let memory_bytes_max = manifest
        .components
        .values()
        .map(|component| component.limits.memory_bytes_max)
        .max()
        .unwrap_or(0);
    let (engine, cache) = engine::build(&PoolConfig {
        sandboxes_max: config.sandboxes_max.saturating_add(idle_max(manifest)),
        memory_bytes_max,
        cache_dir: &config.cache_dir,
    })?;
    let mut linker = Linker::new(&engine);
    sandbox::link(&mut linker).map_err(BuildError::Engine)?;
    Ok(Shared {
        engine,
        linker,
        databases: Arc::new(config.databases),
        key_value: Arc::new(config.key_value),
        llm: llm(config.llm, config.inference.as_ref()),
        inference: config.inference,
        files_dir: config.files_dir,
        postgres: Arc::default(),
        outbound: Arc::new(Outbound::new(&config.networking)),
        guest_output: config.guest_output,
        metrics: config.metrics,
        telemetry: config.telemetry,
        cache,
        memory_bytes_max,
    })
}

/// A server that was named comes before the engine that is there anyway.
fn llm(remote: Option<Remote>, inference: Option<&Inference>) -> Backend {
    match (remote, inference) {
        (Some(remote), _) => Backend::Remote(remote),
        (None, Some(engine)) => Backend::Engine(engine.clone()),
        (None, None) => Backend::None,
    }
}

/// Sandboxes that wait to be used again, at most.
fn idle_max(manifest: &gyre_manifest::App) -> u32 {
    manifest
        .components
        .values()
        .filter(|component| component.instance == InstancePolicy::Reuse)
        .fold(0, |sum: u32, _| sum.saturating_add(IDLE_MAX))
}
