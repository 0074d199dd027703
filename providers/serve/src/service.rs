//! One component of the manifest, composed, compiled and linked, with its grants and its limits.

use crate::grants::Grants;
use crate::metrics::{Meter, Metrics};
use crate::sandbox::Sandbox;
use crate::{BuildError, CallError};
use gyre_capability_http::Chain;
use gyre_capability_key_value::Stores;
use gyre_capability_otel::{CallTrace, Telemetry};
use gyre_capability_sqlite::Databases;
use gyre_engine_ipc::Engine as Inference;
use gyre_manifest::{Component, Limits, ResolvedVariables};
use std::sync::Arc;
use std::time::Duration;
use wasmtime::component::{Component as Wasm, Linker};
use wasmtime::{Cache, Engine, Store, StoreLimitsBuilder};
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
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) telemetry: Telemetry,
    pub(crate) cache: Cache,
    /// What the pool was made for.
    pub(crate) memory_bytes_max: u64,
}

pub(crate) struct Service {
    pub(crate) id: Arc<str>,
    pub(crate) guest: ServicePre<Sandbox>,
    pub(crate) limits: Limits,
    pub(crate) meter: Arc<Meter>,
    pub(crate) tick_every: Option<Duration>,
    engine: Engine,
    grants: Grants,
}

impl Service {
    pub(crate) fn build(
        shared: &Arc<Shared>,
        component: &Component,
        variables: &ResolvedVariables,
    ) -> Result<Self, BuildError> {
        if component.limits.memory_bytes_max > shared.memory_bytes_max {
            return Err(BuildError::Restart {
                component: component.id.clone(),
                bytes_max: shared.memory_bytes_max,
            });
        }
        Ok(Self {
            id: component.id.as_str().into(),
            guest: link(shared, component)?,
            limits: component.limits,
            meter: Arc::new(shared.metrics.meter(&component.id)),
            tick_every: component.tick_ms.map(Duration::from_millis),
            engine: shared.engine.clone(),
            grants: Grants::resolve(shared, component, variables)?,
        })
    }

    /// A store with this service's grants and nothing else. `chain` is the way to the rest of the application.
    pub(crate) fn store(
        &self,
        chain: Arc<dyn Chain>,
        trace: Arc<CallTrace>,
    ) -> Result<Store<Sandbox>, CallError> {
        let limits = StoreLimitsBuilder::new()
            .memory_size(usize::try_from(self.limits.memory_bytes_max).unwrap_or(usize::MAX))
            .memories(MEMORIES_MAX)
            .table_elements(TABLE_ELEMENTS_MAX)
            .build();
        let sandbox = self
            .grants
            .sandbox(limits, chain, trace)
            .map_err(|error| self.failed(error))?;
        let mut store = Store::new(&self.engine, sandbox);
        store.limiter(|sandbox| &mut sandbox.limits);
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        Ok(store)
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
