//! Leaf of `gyre:ledger` over SQLite: append-only streams of events.
//!
//! Everything but the bindings is pure or behind [`store::Database`], and tests natively.

pub mod entry;
pub mod error;
pub mod limits;
pub mod read;
pub mod schema;
pub mod store;
pub mod write;

#[cfg(target_family = "wasm")]
mod bindings;
#[cfg(target_family = "wasm")]
mod connection;
#[cfg(target_family = "wasm")]
mod handler;
