//! Service `retrieval`: documents in, passages out, with provenance to the line.

pub mod digest;
pub mod embedding;
pub mod fuse;
pub mod mcp;
pub mod request;
pub mod split;

#[cfg(target_family = "wasm")]
mod embedder;
#[cfg(target_family = "wasm")]
mod handler;
#[cfg(target_family = "wasm")]
mod ingest;
#[cfg(target_family = "wasm")]
mod search;
#[cfg(target_family = "wasm")]
mod store;
