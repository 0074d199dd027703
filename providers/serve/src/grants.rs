//! What one component is granted, and the sandbox that holds just that.

use crate::BuildError;
use crate::sandbox::Sandbox;
use crate::service::Shared;
use gyre_capability_http::{AllowedHosts, Chain, Egress};
use gyre_capability_key_value::KeyValueCtx;
use gyre_capability_nn::NnCtx;
use gyre_capability_otel::{CallTrace, OtelCtx};
use gyre_capability_sqlite::SqliteCtx;
use gyre_capability_variables::VariablesCtx;
use gyre_manifest::{Component, Mount, ResolvedVariables, resolve_template};
use std::collections::BTreeMap;
use std::sync::Arc;
use wasmtime::StoreLimits;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder};
use wasmtime_wasi_http::WasiHttpCtx;

/// The grants of one component, resolved.
pub(crate) struct Grants {
    id: Arc<str>,
    shared: Arc<Shared>,
    allowed_hosts: Arc<AllowedHosts>,
    variables: Arc<BTreeMap<String, String>>,
    environment: Vec<(String, String)>,
    mounts: Vec<Mount>,
    databases: Arc<[String]>,
    key_value_stores: Arc<[String]>,
    models: Arc<[String]>,
}

impl Grants {
    pub(crate) fn resolve(
        shared: &Arc<Shared>,
        component: &Component,
        variables: &ResolvedVariables,
    ) -> Result<Self, BuildError> {
        let id = &component.id;
        let key = |table: &str| format!("component.{id}.{table}");
        Ok(Self {
            id: id.as_str().into(),
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

    /// A sandbox with these grants and nothing else. `chain` is the way to the rest of the application, `trace` the call
    /// it is made for.
    pub(crate) fn sandbox(
        &self,
        limits: StoreLimits,
        chain: Arc<dyn Chain>,
        trace: Arc<CallTrace>,
    ) -> wasmtime::Result<Sandbox> {
        Ok(Sandbox {
            table: ResourceTable::new(),
            wasi: self.wasi()?,
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
            otel: OtelCtx::new(trace),
            limits,
        })
    }

    fn wasi(&self) -> wasmtime::Result<WasiCtx> {
        let mut builder = WasiCtxBuilder::new();
        builder.inherit_stderr().envs(&self.environment);
        for mount in &self.mounts {
            builder.preopened_dir(&mount.source, &mount.destination, FsPerms::ReadOnly)?;
        }
        Ok(builder.build())
    }
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
