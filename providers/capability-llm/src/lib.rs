//! Inference of a sandbox as Spin has it (`fermyon:spin/llm@2.0.0`).
//!
//! A component asks the models that its `ai_models` name, and no others. What answers is the host's own engine, or the
//! server that `[llm_compute]` of the runtime configuration names. A prompt is one turn of a user, put into the model's
//! own chat template: a guest writes no control tokens.

mod backend;
mod host;
mod local;
mod remote;

pub use backend::Backend;
pub use remote::{Remote, RemoteError};

use std::sync::Arc;
use wasmtime::component::{HasData, Linker};

mod bindings {
    wasmtime::component::bindgen!({
        path: "../../wit/deps/llm",
        inline: "package gyre:capability-llm; world host { import fermyon:spin/llm@2.0.0; }",
        imports: { default: async | trappable },
    });
}

/// What one sandbox may ask.
#[derive(Clone)]
pub struct LlmCtx {
    backend: Backend,
    allowed: Arc<[String]>,
    /// Who is charged.
    tenant: Arc<str>,
}

impl LlmCtx {
    /// Lets the sandbox ask the models named in `allowed`. The host's engine shares itself out among tenants: `tenant`
    /// names the sandbox's.
    pub fn new(backend: Backend, allowed: Arc<[String]>, tenant: Arc<str>) -> Self {
        Self {
            backend,
            allowed,
            tenant,
        }
    }
}

/// Names the data of this interface for the linker.
struct Llm;

impl HasData for Llm {
    type Data<'a> = &'a mut LlmCtx;
}

/// Adds `fermyon:spin/llm` to a linker; `getter` finds the context in the store.
pub fn add_to_linker<T: Send + 'static>(
    linker: &mut Linker<T>,
    getter: fn(&mut T) -> &mut LlmCtx,
) -> wasmtime::Result<()> {
    bindings::fermyon::spin::llm::add_to_linker::<T, Llm>(linker, getter)
}
