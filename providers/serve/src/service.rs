//! One component of the manifest, composed, compiled and linked, with its grants and its limits.

use crate::admission::Admission;
use crate::entry::Entry;
use crate::grants::Grants;
use crate::idle::Idle;
use crate::instance::Instance;
use crate::metrics::Meter;
use crate::sandbox::{CallScope, Sandbox};
use crate::shared::Shared;
use crate::{BuildError, CallError, unsupported};
use gyre_manifest::{Component, InstancePolicy, Limits, ResolvedVariables};
use std::sync::Arc;
use std::time::Duration;
use wasmtime::component::Component as Wasm;
use wasmtime::{Engine, PoolConcurrencyLimitError, Store, StoreLimitsBuilder, UpdateDeadline};

/// Linear memories in one sandbox at most: a shell's and its leaves'.
const MEMORIES_MAX: usize = 4;
const TABLE_ELEMENTS_MAX: usize = 4_000;
/// Handles that a guest holds at once, and tasks, streams and futures that the host keeps for it.
const HANDLES_MAX: usize = 10_000;
const TASKS_MAX: usize = 20_000;
/// When a call that was turned away may be tried again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

pub(crate) struct Service {
    pub(crate) id: Arc<str>,
    pub(crate) entry: Entry,
    pub(crate) limits: Limits,
    /// An instance answers several requests, one after another.
    pub(crate) reuses: bool,
    /// The calls it answers.
    pub(crate) calls: Admission,
    /// Instances that wait for the next; none unless it reuses them.
    pub(crate) idle: Arc<Idle>,
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
        // First what is cheap to refuse: compiling takes a while.
        let grants = Grants::resolve(shared, component, variables)?;
        Ok(Self {
            id: component.id.as_str().into(),
            entry: link(shared, component)?,
            limits: component.limits,
            reuses: component.instance == InstancePolicy::Reuse,
            calls: Admission::new(component.limits.calls_max),
            idle: Arc::default(),
            meter: Arc::new(shared.metrics.meter(&component.id)),
            tick_every: component.tick_ms.map(Duration::from_millis),
            engine: shared.engine.clone(),
            grants,
        })
    }

    /// Whether it takes a request, so many calls deep and at least so long.
    pub(crate) fn takes(&self, hops: u16, request_bytes: u64) -> Result<(), CallError> {
        let component = || self.id.to_string();
        if hops > u16::from(self.limits.hops_max) {
            return Err(CallError::TooManyHops {
                component: component(),
                limit: self.limits.hops_max,
            });
        }
        if request_bytes > self.limits.request_bytes_max {
            return Err(CallError::RequestTooLarge {
                component: component(),
                limit_bytes: self.limits.request_bytes_max,
            });
        }
        Ok(())
    }

    /// What answers one request: an instance that waits for it, or a fresh one.
    pub(crate) async fn instance(&self, mut call: CallScope) -> wasmtime::Result<Instance> {
        if let Some(mut instance) = self.idle.take() {
            instance.renew(call);
            return Ok(instance);
        }
        let Some(guest) = &self.entry.http else {
            wasmtime::bail!("it has no trigger of HTTP");
        };
        // One that is used again writes for several requests.
        call.request_id = call.request_id.filter(|_| !self.reuses);
        let mut store = self.store(&call)?;
        let loaded = guest.instantiate(&mut store).await?;
        Ok(Instance::new(store, loaded))
    }

    /// A store with this service's grants and nothing else.
    pub(crate) fn store(&self, call: &CallScope) -> wasmtime::Result<Store<Sandbox>> {
        let limits = StoreLimitsBuilder::new()
            .memory_size(usize::try_from(self.limits.memory_bytes_max).unwrap_or(usize::MAX))
            .memories(MEMORIES_MAX)
            .table_elements(TABLE_ELEMENTS_MAX)
            .build();
        let mut store = Store::new(&self.engine, self.grants.sandbox(limits, call));
        store.limiter(|sandbox| &mut sandbox.limits);
        store.set_max_component_handles(HANDLES_MAX);
        if let Some(table) = store.concurrent_resource_table() {
            table.set_max_capacity(TASKS_MAX);
        }
        store.set_epoch_deadline(1);
        // Tokio's own way to yield: sockets and timers are looked after before a guest that only computes goes on.
        store.epoch_deadline_callback(|_| {
            Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
        });
        Ok(store)
    }

    pub(crate) fn failed(&self, source: wasmtime::Error) -> CallError {
        if source.is::<PoolConcurrencyLimitError>() {
            return overloaded();
        }
        CallError::Failed {
            component: self.id.to_string(),
            source,
        }
    }

    pub(crate) fn too_many_calls(&self) -> CallError {
        CallError::TooManyCalls {
            component: self.id.to_string(),
            limit: self.limits.calls_max,
            retry_after: RETRY_AFTER,
        }
    }

    pub(crate) fn computed_too_long(&self) -> CallError {
        CallError::Computing {
            component: self.id.to_string(),
            limit_ms: self.limits.cpu_ms_max,
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

/// No sandbox is free.
pub(crate) fn overloaded() -> CallError {
    CallError::Overloaded {
        retry_after: RETRY_AFTER,
    }
}

fn link(shared: &Shared, component: &Component) -> Result<Entry, BuildError> {
    let id = &component.id;
    let composed = gyre_compose::compose(component)?;
    let wasm = Wasm::new(&shared.engine, &composed.bytes).map_err(|source| BuildError::Compile {
        component: id.clone(),
        file: component.source.to_string(),
        source,
    })?;
    unsupported::check(&shared.engine, &wasm, id)?;
    let linked = shared.linker.instantiate_pre(&wasm);
    let linked = linked.map_err(|source| BuildError::Link {
        component: id.clone(),
        source,
    })?;
    Entry::of(&shared.engine, &wasm, linked, id)
}
