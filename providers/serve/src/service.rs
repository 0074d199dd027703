//! One component of the manifest, composed, compiled and linked, with its grants resolved.

use crate::sandbox::Sandbox;
use crate::{BuildError, CallError};
use gyre_capability_http::{AllowedHosts, Chain, Egress};
use gyre_capability_key_value::{KeyValueCtx, Stores};
use gyre_capability_nn::NnCtx;
use gyre_capability_sqlite::{Databases, SqliteCtx};
use gyre_capability_variables::VariablesCtx;
use gyre_engine_ipc::Engine as Inference;
use gyre_manifest::{Component, Limits, Mount, ResolvedVariables, resolve_template};
use std::collections::BTreeMap;
use std::sync::Arc;
use wasmtime::component::{Component as Wasm, Linker, ResourceTable};
use wasmtime::{Engine, Store, StoreLimitsBuilder};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder};
use wasmtime_wasi_http::WasiHttpCtx;
use wasmtime_wasi_http::p3::bindings::ServicePre;

/// Linear memories in one sandbox at most: a shell's and its leaves'.
const MEMORIES_MAX: usize = 4;
const TABLE_ELEMENTS_MAX: usize = 4_000;

/// What all services share.
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) linker: Linker<Sandbox>,
    pub(crate) databases: Arc<Databases>,
    pub(crate) key_value: Arc<Stores>,
    pub(crate) inference: Option<Inference>,
}

pub(crate) struct Service {
    pub(crate) id: Arc<str>,
    pub(crate) guest: ServicePre<Sandbox>,
    pub(crate) limits: Limits,
    shared: Arc<Shared>,
    allowed_hosts: Arc<AllowedHosts>,
    variables: Arc<BTreeMap<String, String>>,
    environment: Vec<(String, String)>,
    mounts: Vec<Mount>,
    databases: Arc<[String]>,
    key_value_stores: Arc<[String]>,
    models: Arc<[String]>,
}

impl Service {
    pub(crate) fn build(
        shared: &Arc<Shared>,
        component: &Component,
        variables: &ResolvedVariables,
    ) -> Result<Self, BuildError> {
        let id = &component.id;
        let key = |table: &str| format!("component.{id}.{table}");
        Ok(Self {
            id: id.as_str().into(),
            guest: link(shared, component)?,
            limits: component.limits,
            shared: Arc::clone(shared),
            allowed_hosts: Arc::new(allowed_hosts(component, variables)?),
            variables: Arc::new(variables.resolve_map(&key("variables"), &component.variables)?),
            environment: variables
                .resolve_map(&key("environment"), &component.environment)?
                .into_iter()
                .collect(),
            mounts: checked_mounts(component)?,
            databases: component.sqlite_databases.as_slice().into(),
            key_value_stores: component.key_value_stores.as_slice().into(),
            models: component.ai_models.as_slice().into(),
        })
    }

    /// A store with this service's grants and nothing else. `chain` is the way to the rest of the application.
    pub(crate) fn store(&self, chain: Arc<dyn Chain>) -> Result<Store<Sandbox>, CallError> {
        let limits = StoreLimitsBuilder::new()
            .memory_size(usize::try_from(self.limits.memory_bytes_max).unwrap_or(usize::MAX))
            .memories(MEMORIES_MAX)
            .table_elements(TABLE_ELEMENTS_MAX)
            .build();
        let sandbox = Sandbox {
            table: ResourceTable::new(),
            wasi: self.wasi().map_err(|error| self.failed(error))?,
            http: WasiHttpCtx::new(),
            egress: Egress {
                component: Arc::clone(&self.id),
                allowed: Arc::clone(&self.allowed_hosts),
                chain,
            },
            variables: VariablesCtx::new(Arc::clone(&self.variables)),
            sqlite: SqliteCtx::new(Arc::clone(&self.databases), Arc::clone(&self.shared.databases)),
            key_value: KeyValueCtx::new(
                Arc::clone(&self.key_value_stores),
                Arc::clone(&self.shared.key_value),
            ),
            nn: NnCtx::new(self.shared.inference.clone(), Arc::clone(&self.models)),
            limits,
        };
        let mut store = Store::new(&self.shared.engine, sandbox);
        store.limiter(|sandbox| &mut sandbox.limits);
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        Ok(store)
    }

    fn wasi(&self) -> wasmtime::Result<WasiCtx> {
        let mut builder = WasiCtxBuilder::new();
        builder.inherit_stderr().envs(&self.environment);
        for mount in &self.mounts {
            builder.preopened_dir(&mount.source, &mount.destination, FsPerms::ReadOnly)?;
        }
        Ok(builder.build())
    }

    pub(crate) fn failed(&self, source: wasmtime::Error) -> CallError {
        CallError::Failed {
            component: self.id.to_string(),
            source,
        }
    }

    pub(crate) fn timed_out(&self) -> CallError {
        CallError::Timeout {
            component: self.id.to_string(),
            limit_ms: self.limits.request_ms_max,
        }
    }

    pub(crate) fn too_large(&self) -> CallError {
        CallError::TooLarge {
            component: self.id.to_string(),
            limit_bytes: self.limits.response_bytes_max,
        }
    }
}

fn link(shared: &Shared, component: &Component) -> Result<ServicePre<Sandbox>, BuildError> {
    let id = &component.id;
    let composed = gyre_compose::compose(component)?;
    let wasm = Wasm::new(&shared.engine, &composed.bytes).map_err(|source| BuildError::Compile {
        component: id.clone(),
        path: component.source.clone(),
        source,
    })?;
    shared
        .linker
        .instantiate_pre(&wasm)
        .and_then(ServicePre::new)
        .map_err(|source| BuildError::Link {
            component: id.clone(),
            source,
        })
}

fn allowed_hosts(component: &Component, variables: &ResolvedVariables) -> Result<AllowedHosts, BuildError> {
    let key = format!("component.{}.allowed_outbound_hosts", component.id);
    let hosts = component
        .allowed_outbound_hosts
        .iter()
        .map(|host| resolve_template(&key, host, variables))
        .collect::<Result<Vec<_>, _>>()?;
    AllowedHosts::parse(&hosts).map_err(|source| BuildError::Hosts {
        component: component.id.clone(),
        source,
    })
}

fn checked_mounts(component: &Component) -> Result<Vec<Mount>, BuildError> {
    for mount in &component.files {
        if !mount.source.is_dir() {
            return Err(BuildError::Mount {
                component: component.id.clone(),
                path: mount.source.clone(),
            });
        }
    }
    Ok(component.files.clone())
}
