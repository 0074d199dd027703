//! Leaf of `gyre:vector` over SQLite: BM25 by FTS5, cosine by exact scan.
//!
//! Everything but the bindings is pure or behind [`store::Database`], and tests natively.

pub mod blob;
pub mod entry;
pub mod error;
pub mod limits;
pub mod query;
pub mod rank;
pub mod schema;
pub mod search;
pub mod store;
pub mod write;

#[cfg(target_family = "wasm")]
mod handler;
