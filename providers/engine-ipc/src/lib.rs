//! The host's side of local inference: it starts one engine worker process, keeps it alive and calls it.
//!
//! llama.cpp aborts the whole process on some mistakes, so it runs in a worker (`gyre-engine`) that this
//! crate supervises. [`Engine`] is a cheap handle: calls of many sandboxes are multiplexed by id over the
//! worker's stdin and stdout as length-prefixed postcard frames ([`wire`], [`frame`]).
//!
//! - A call that is dropped is cancelled in the worker.
//! - When the worker dies, calls in flight fail with [`EngineError::WorkerDied`], the worker is started
//!   again with the models it had, and later calls wait for it a bounded time. A worker that is hung is killed: one
//!   that is silent, or whose model should compute and makes no progress. See `docs/engine.md`.
//! - Everything is bounded: calls in flight, their bytes, frames, deltas not yet read.
//!
//! ```no_run
//! # async fn example() -> Result<(), gyre_engine_ipc::EngineError> {
//! use gyre_engine_ipc::{Engine, EngineConfig};
//!
//! let engine = Engine::start(EngineConfig::new("gyre-engine", "models"));
//! let embeddings = engine.embed("all-minilm-l6-v2", vec!["a text".to_owned()]).await?;
//! assert_eq!(embeddings.data.len(), embeddings.dimension as usize);
//! # Ok(())
//! # }
//! ```

mod blame;
mod chat;
mod config;
mod connection;
mod engine;
mod error;
mod exit;
pub mod frame;
mod guard;
mod health;
pub mod memory;
pub mod onnxruntime;
mod price;
mod pulse;
mod reading;
mod supervisor;
mod table;
mod tensor;
pub mod wire;

pub use chat::{ChatStep, ChatStream};
pub use config::{EngineConfig, sequences};
pub use engine::{Engine, EngineStatus};
pub use error::EngineError;
pub use memory::MemoryBytes;
pub use price::{Price, PriceError};
pub use tensor::{NamedTensor, TENSOR_BYTES_MAX, TENSOR_SIDES_MAX, TENSORS_MAX, TensorKind};
pub use wire::{
    BudgetKind, Delta, Embeddings, Finish, FinishReason, Logprobs, ModelInfo, ModelStats, Scores,
    TokenLogprob, ToolCall, Usage,
};
