//! `wasi:nn@0.2.0-rc-2024-10-28` for guests: models by name, run by the engine worker.
//!
//! A guest loads a model it was granted by name, opens an execution context and computes:
//!
//! - **Embeddings**: input `texts` (U8, a JSON array of strings); outputs `vectors` (FP32, `[n, d]`, unit
//!   length) and `usage` (U8, JSON `{model, prompt_tokens, truncated}`).
//! - **Ranking**: inputs `query` (U8, UTF-8) and `documents` (U8, a JSON array of strings); outputs `scores` (FP32,
//!   `[n]`, one for each document in order, the higher the better) and `usage` as of embeddings.
//! - **Completion** (`gyre-chat/1`): the first compute carries `request` (U8, JSON) and returns `delta` (U8,
//!   UTF-8); each further compute without inputs returns the next `delta`. Calls of tools come after the text of
//!   their compute as `tool_calls` (U8, JSON `[{index, id, name, arguments}]`, each call whole); the last compute
//!   adds `finish` (U8, JSON `{reason}`: `stop`, `length`, `tool-calls`, `cost-exhausted` or `time-exhausted`) and `usage` (U8, JSON
//!   `{model, prompt_tokens, completion_tokens}`). Dropping the execution context cancels.
//! - **Graph** (a model whose file is ONNX): all inputs of the graph by name; all its outputs by name. FP16, FP32, FP64,
//!   BF16, U8, I32 and I64, little-endian; bytes, dimensions and types are checked before the graph sees them. An ONNX
//!   model with a tokenizer beside it makes embeddings, as above.
//! - **Catalog**: the graph [`CATALOG`] computes without inputs to `models` (U8, JSON
//!   `[{name, abilities}]`): the models that are granted and there.
//!
//! `compute` and `load-by-name` are bound async: a guest that waits for the engine blocks no thread.
//!
//! ```
//! use gyre_capability_nn::{NnCtx, NnCtxView, NnView};
//! use wasmtime::component::{Linker, ResourceTable};
//!
//! struct State {
//!     nn: NnCtx,
//!     table: ResourceTable,
//! }
//!
//! impl NnView for State {
//!     fn nn(&mut self) -> NnCtxView<'_> {
//!         NnCtxView { ctx: &mut self.nn, table: &mut self.table }
//!     }
//! }
//!
//! # fn main() -> wasmtime::Result<()> {
//! let engine = wasmtime::Engine::default();
//! let mut linker: Linker<State> = Linker::new(&engine);
//! gyre_capability_nn::add_to_linker(&mut linker)?;
//! # Ok(())
//! # }
//! ```

mod execution;
mod failure;
mod host;
pub mod session;
mod tensors;

use std::sync::Arc;

use gyre_engine_ipc::Engine;
use wasmtime::component::{HasData, Linker, ResourceTable};

/// Name of the graph that lists models.
pub const CATALOG: &str = "gyre:models";

/// Bytes of tensors one guest may hold at once.
pub const TENSOR_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Graphs, contexts, tensors and errors one guest may hold at once.
pub const RESOURCES_MAX: usize = 1024;

mod bindings {
    wasmtime::component::bindgen!({
        path: "../../wit/deps/nn",
        world: "wasi:nn/ml",
        imports: {
            "wasi:nn/graph.load-by-name": async | trappable,
            "wasi:nn/inference.[method]graph-execution-context.compute": async | trappable,
            default: trappable,
        },
        with: {
            "wasi:nn/graph.graph": crate::execution::Graph,
            "wasi:nn/inference.graph-execution-context": crate::execution::Execution,
            "wasi:nn/tensor.tensor": crate::tensors::Tensor,
            "wasi:nn/errors.error": crate::failure::Failure,
        },
    });
}

/// What one guest may do, and what it holds.
pub struct NnCtx {
    engine: Option<Engine>,
    allowed_models: Arc<[String]>,
    /// Who is charged for completions.
    tenant: Arc<str>,
    /// How a user grants a model, for messages.
    granted_by: GrantedBy,
    tensor_bytes: usize,
    resources: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum GrantedBy {
    Manifest,
    Option,
}

impl NnCtx {
    /// A context for one guest; without an engine, or with no model allowed, every load is refused. The engine shares
    /// itself out among tenants: `tenant` names the guest's.
    pub fn new(engine: Option<Engine>, allowed_models: Arc<[String]>, tenant: Arc<str>) -> Self {
        Self {
            engine,
            allowed_models,
            tenant,
            granted_by: GrantedBy::Manifest,
            tensor_bytes: 0,
            resources: 0,
        }
    }

    /// The same where models are granted by `--model` of the command line: refusals name that as the cure.
    #[must_use]
    pub fn granted_by_option(mut self) -> Self {
        self.granted_by = GrantedBy::Option;
        self
    }
}

/// The context and the table of a guest, borrowed for one call.
pub struct NnCtxView<'a> {
    /// What the guest may do.
    pub ctx: &'a mut NnCtx,
    /// Where its resources live.
    pub table: &'a mut ResourceTable,
}

/// A store's data that has a context.
pub trait NnView: Send + 'static {
    /// Borrows the context.
    fn nn(&mut self) -> NnCtxView<'_>;
}

struct HasNn;

impl HasData for HasNn {
    type Data<'a> = NnCtxView<'a>;
}

/// Adds all interfaces of `wasi:nn` to a linker.
pub fn add_to_linker<T: NnView>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    bindings::wasi::nn::errors::add_to_linker::<T, HasNn>(linker, T::nn)?;
    bindings::wasi::nn::tensor::add_to_linker::<T, HasNn>(linker, T::nn)?;
    bindings::wasi::nn::inference::add_to_linker::<T, HasNn>(linker, T::nn)?;
    bindings::wasi::nn::graph::add_to_linker::<T, HasNn>(linker, T::nn)
}
