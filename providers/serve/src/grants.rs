//! What one component is granted, and the sandbox that holds just that.

use crate::BuildError;
use crate::guest_log::{GuestLog, Stream};
use crate::mounts::Mounts;
use crate::sandbox::{CallScope, Sandbox};
use crate::shared::Shared;
use crate::staging::FilesError;
use crate::{folders, sockets};
use gyre_capability_http::{AllowedHosts, Budget, Egress};
use gyre_capability_key_value::KeyValueCtx;
use gyre_capability_llm::LlmCtx;
use gyre_capability_nn::NnCtx;
use gyre_capability_otel::OtelCtx;
use gyre_capability_postgres::PostgresCtx;
use gyre_capability_redis::RedisCtx;
use gyre_capability_sqlite::SqliteCtx;
use gyre_capability_variables::VariablesCtx;
use gyre_manifest::{Component, ResolvedVariables, resolve_template};
use std::collections::BTreeMap;
use std::sync::Arc;
use wasmtime::StoreLimits;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::filesystem::{WasiFilesystemCtx, WasiFilesystemView};
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder};
use wasmtime_wasi_http::WasiHttpCtx;

/// Requests, bodies, files and the like that a sandbox holds at once.
const RESOURCES_MAX: usize = 10_000;

/// The grants of one component, resolved.
pub(crate) struct Grants {
    id: Arc<str>,
    shared: Arc<Shared>,
    allowed_hosts: Arc<AllowedHosts>,
    outbound_requests_max: u32,
    variables: Arc<BTreeMap<String, String>>,
    environment: Vec<(String, String)>,
    files: WasiFilesystemCtx,
    /// Keeps a folder that was put together.
    _mounts: Mounts,
    databases: Arc<[String]>,
    key_value_stores: Arc<[String]>,
    models: Arc<[String]>,
    log: GuestLog,
}

impl Grants {
    pub(crate) fn resolve(
        shared: &Arc<Shared>,
        component: &Component,
        variables: &ResolvedVariables,
    ) -> Result<Self, BuildError> {
        let id = &component.id;
        let key = |table: &str| format!("component.{id}.{table}");
        check_stores(shared, component)?;
        let mounts = mounts(component, shared)?;
        Ok(Self {
            id: id.as_str().into(),
            shared: Arc::clone(shared),
            allowed_hosts: Arc::new(allowed_hosts(component, variables)?),
            outbound_requests_max: component.limits.outbound_requests_max,
            variables: Arc::new(variables.resolve_map(&key("variables"), &component.variables)?),
            environment: component.environment.clone().into_iter().collect(),
            files: folders::open(&mounts).map_err(files_error(component))?,
            _mounts: mounts,
            databases: component.sqlite_databases.as_slice().into(),
            key_value_stores: component.key_value_stores.as_slice().into(),
            models: component.ai_models.as_slice().into(),
            log: GuestLog::open(id, &shared.guest_output)?,
        })
    }

    /// A sandbox with these grants and nothing else, for one call.
    pub(crate) fn sandbox(&self, limits: StoreLimits, call: &CallScope) -> Sandbox {
        let mut sandbox = Sandbox {
            table: bounded_table(),
            wasi: self.wasi(call.request_id.as_deref()),
            http: WasiHttpCtx::new(),
            egress: Egress {
                component: Arc::clone(&self.id),
                allowed: Arc::clone(&self.allowed_hosts),
                chain: Arc::clone(&call.chain),
                outbound: Arc::clone(&self.shared.outbound),
                budget: Budget::new(self.outbound_requests_max),
            },
            variables: VariablesCtx::new(Arc::clone(&self.variables)),
            sqlite: SqliteCtx::new(Arc::clone(&self.databases), Arc::clone(&self.shared.databases)),
            key_value: KeyValueCtx::new(
                Arc::clone(&self.key_value_stores),
                Arc::clone(&self.shared.key_value),
            ),
            nn: NnCtx::new(
                self.shared.inference.clone(),
                Arc::clone(&self.models),
                Arc::clone(&self.id),
            ),
            llm: LlmCtx::new(
                self.shared.llm.clone(),
                Arc::clone(&self.models),
                Arc::clone(&self.id),
            ),
            redis: RedisCtx::new(Arc::clone(&self.id), Arc::clone(&self.allowed_hosts)),
            postgres: PostgresCtx::new(
                Arc::clone(&self.id),
                Arc::clone(&self.allowed_hosts),
                Arc::clone(&self.shared.postgres),
            ),
            otel: OtelCtx::new(Arc::clone(&call.trace)),
            limits,
        };
        *sandbox.filesystem().ctx = self.files.clone();
        sandbox
    }

    fn wasi(&self, request_id: Option<&str>) -> WasiCtx {
        let mut builder = WasiCtxBuilder::new();
        builder
            .stdout(self.log.stream(Stream::Stdout, request_id))
            .stderr(self.log.stream(Stream::Stderr, request_id))
            .envs(&self.environment);
        sockets::grant(&mut builder, &self.allowed_hosts, &self.shared.outbound);
        builder.build()
    }
}

/// A table that a guest cannot fill the host's memory with.
fn bounded_table() -> ResourceTable {
    let mut table = ResourceTable::new();
    table.set_max_capacity(RESOURCES_MAX);
    table
}

/// What a template may leave of an entry when its variable is empty: then it is no entry.
const EMPTY_ENTRIES: [&str; 3] = ["", "http://", "https://"];

fn allowed_hosts(component: &Component, variables: &ResolvedVariables) -> Result<AllowedHosts, BuildError> {
    let key = format!("component.{}.allowed_outbound_hosts", component.id);
    let mut hosts = Vec::new();
    for entry in &component.allowed_outbound_hosts {
        let host = resolve_template(&key, entry, variables)?;
        let left_empty = host != *entry && EMPTY_ENTRIES.contains(&host.as_str());
        if !left_empty {
            hosts.push(host);
        }
    }
    AllowedHosts::parse(&hosts).map_err(|source| BuildError::Hosts {
        component: component.id.clone(),
        source,
    })
}

/// Refuses labels that nothing keeps: at the start, not when a guest first asks.
fn check_stores(shared: &Shared, component: &Component) -> Result<(), BuildError> {
    let unkept = |grant, table| {
        move |label: &String| BuildError::Unkept {
            component: component.id.clone(),
            grant,
            label: label.clone(),
            table,
        }
    };
    let mut stores = component.key_value_stores.iter();
    let mut databases = component.sqlite_databases.iter();
    let store = stores
        .find(|label| !shared.key_value.has(label))
        .map(unkept("key_value_stores", "key_value_store"));
    let database = databases
        .find(|label| !shared.databases.has(label))
        .map(unkept("sqlite_databases", "sqlite_database"));
    store.or(database).map_or(Ok(()), Err)
}

fn files_error(component: &Component) -> impl Fn(FilesError) -> BuildError + '_ {
    |source| BuildError::Files {
        component: component.id.clone(),
        source,
    }
}

fn mounts(component: &Component, shared: &Shared) -> Result<Mounts, BuildError> {
    Mounts::prepare(component, &shared.files_dir).map_err(files_error(component))
}
