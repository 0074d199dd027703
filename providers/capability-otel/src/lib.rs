//! Telemetry: the host's own spans, and what guests say through `wasi:otel@0.2.0-rc.2`, exported by OTLP over HTTP.
//!
//! A [`CallTrace`] is the span of one call of a component. It is the parent of the guest's spans, which may only be
//! ended if they were started. Where no exporter is configured, a trace context that came in is handed on and nothing
//! else happens. Everything is bounded: a record's size, a sandbox's open spans, the queue; what does not fit is
//! dropped and counted.

mod bounds;
mod call_trace;
mod config;
mod convert;
mod exporter;
mod host;
mod queue;
mod trace_context;

pub use call_trace::{CallTrace, Ended, Telemetry};
pub use config::{Config, ConfigError};
pub use exporter::Exporter;
pub use queue::{Dropped, Signal};
pub use trace_context::TraceContext;

use std::sync::Arc;
use wasmtime::component::{HasData, Linker};

mod bindings {
    wasmtime::component::bindgen!({
        path: "../../wit/deps/otel",
        world: "wasi:otel/imports",
        imports: { default: trappable },
    });
}

/// The telemetry of one sandbox.
#[derive(Debug, Clone)]
pub struct OtelCtx {
    call: Arc<CallTrace>,
}

impl OtelCtx {
    /// What the guest says belongs to this call.
    #[must_use]
    pub fn new(call: Arc<CallTrace>) -> Self {
        Self { call }
    }
}

/// Names the data of this interface for the linker.
struct Otel;

impl HasData for Otel {
    type Data<'a> = &'a mut OtelCtx;
}

/// Adds `wasi:otel` to a linker; `getter` finds the context in the store.
pub fn add_to_linker<T: Send + 'static>(
    linker: &mut Linker<T>,
    getter: fn(&mut T) -> &mut OtelCtx,
) -> wasmtime::Result<()> {
    use bindings::wasi::otel::{logs, metrics, tracing, types};
    types::add_to_linker::<T, Otel>(linker, getter)?;
    tracing::add_to_linker::<T, Otel>(linker, getter)?;
    metrics::add_to_linker::<T, Otel>(linker, getter)?;
    logs::add_to_linker::<T, Otel>(linker, getter)
}
