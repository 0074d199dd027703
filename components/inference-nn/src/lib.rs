//! `inference-nn`: the port `gyre:inference` by the host's engine, through wasi-nn.
//!
//! Tensors carry JSON (`request`, `protocol`), `tensors` calls the host, `chat` paces a completion so that each
//! piece of text leaves the sandbox before the next step of the engine is awaited.

mod bindings;
mod chat;
mod errors;
mod handler;
mod protocol;
mod request;
mod sampling;
mod tensors;
