//! Key-value stores of a sandbox (`spin:key-value@3.0.0`, `wasi:keyvalue@0.2.0-draft2`).
//!
//! A component opens the stores its `key_value_stores` name. Each is kept in a file, in memory or by a Redis server; the
//! label `default` is a file in the state folder unless told otherwise. A file has one thread, shared by all sandboxes; a
//! server has one connection. A write is whole or not there. Keys are listed in pages, and only as fast as the guest
//! reads them. Both interfaces see the same stores, by the same grant.

mod bounds;
mod cas;
mod file;
mod host;
mod keys;
mod page;
mod place;
mod remote;
mod store;
mod stores;
mod wasi;

pub use cas::Cas;
pub use place::{NoRedisAddress, Place, RedisServer};
pub use store::Store;
pub use stores::Stores;

use std::sync::Arc;
use wasmtime::component::{HasData, Linker, ResourceTable};

mod bindings {
    wasmtime::component::bindgen!({
        path: "../../wit/deps/key-value",
        inline: "package gyre:capability-key-value; world host { import spin:key-value/key-value@3.0.0; }",
        imports: { default: async | trappable },
        with: { "spin:key-value/key-value.store": crate::store::Store },
    });
}

/// Stores that one sandbox may hold open.
const STORES_OPEN_MAX: usize = 32;
/// Compare-and-swaps that one sandbox may have under way, each with the value it saw.
const SWAPS_OPEN_MAX: usize = 16;

/// What one sandbox may open, and how many stores it holds.
#[derive(Debug)]
pub struct KeyValueCtx {
    allowed: Arc<[String]>,
    stores: Arc<Stores>,
    open: usize,
    swaps: usize,
}

impl KeyValueCtx {
    /// Lets the sandbox open the stores named in `allowed`.
    pub fn new(allowed: Arc<[String]>, stores: Arc<Stores>) -> Self {
        Self {
            allowed,
            stores,
            open: 0,
            swaps: 0,
        }
    }
}

/// A view of the store of one sandbox.
pub struct KeyValueCtxView<'a> {
    /// What may be opened.
    pub ctx: &'a mut KeyValueCtx,
    /// Where open stores are kept.
    pub table: &'a mut ResourceTable,
}

/// Implemented by the data of a store that has key-value stores.
pub trait KeyValueView: Send {
    /// The view of this store.
    fn key_value(&mut self) -> KeyValueCtxView<'_>;
}

/// Names the data of this interface for the linker.
struct KeyValue;

impl HasData for KeyValue {
    type Data<'a> = KeyValueCtxView<'a>;
}

/// Adds `spin:key-value` and `wasi:keyvalue` to a linker.
pub fn add_to_linker<T: KeyValueView + 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    bindings::spin::key_value::key_value::add_to_linker::<T, KeyValue>(linker, T::key_value)?;
    wasi::add_to_linker(linker)
}
