//! `inference-nn`: the port `gyre:inference` by the host's engine, through wasi-nn.
//!
//! Tensors carry JSON (`protocol`), `tensors` calls the host, `chat` paces a completion so that each
//! piece of text leaves the sandbox before the next step of the engine is awaited.

mod bindings;
mod chat;
mod errors;
mod handler;
mod protocol;
mod sampling;
mod tensors;
