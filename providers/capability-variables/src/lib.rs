//! Application variables of a sandbox (`spin:variables@3.0.0`, `wasi:config@0.2.0-draft-2024-09-27`).
//!
//! A component sees the values its own `[component.<id>.variables]` names, and no others; both interfaces see the same.

mod config;
mod host;

use std::collections::BTreeMap;
use std::sync::Arc;
use wasmtime::component::{HasData, Linker};

mod bindings {
    wasmtime::component::bindgen!({
        path: "../../wit/deps/variables",
        inline: "package gyre:capability-variables; world host { import spin:variables/variables@3.0.0; }",
        imports: { default: trappable },
    });
}

/// The variables of one sandbox.
#[derive(Debug, Clone, Default)]
pub struct VariablesCtx {
    values: Arc<BTreeMap<String, String>>,
}

impl VariablesCtx {
    /// Gives exactly these values.
    pub fn new(values: Arc<BTreeMap<String, String>>) -> Self {
        Self { values }
    }
}

/// Names the data of this interface for the linker.
struct Variables;

impl HasData for Variables {
    type Data<'a> = &'a mut VariablesCtx;
}

/// Adds `spin:variables` and `wasi:config` to a linker; `getter` finds the context in the store.
pub fn add_to_linker<T: Send + 'static>(
    linker: &mut Linker<T>,
    getter: fn(&mut T) -> &mut VariablesCtx,
) -> wasmtime::Result<()> {
    bindings::spin::variables::variables::add_to_linker::<T, Variables>(linker, getter)?;
    config::add_to_linker(linker, getter)
}
