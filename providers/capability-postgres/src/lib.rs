//! PostgreSQL of a sandbox (`spin:postgres@4.2.0`).
//!
//! A component reaches the servers its `allowed_outbound_hosts` name, as `postgres://host:port`. Connections are pooled
//! for each component and address, and hand nothing over from one sandbox to the next. Rows travel in bounded batches,
//! only as fast as the guest reads them; statements have a time limit.

#![expect(
    clippy::result_large_err,
    reason = "the interface's error has all that the server says"
)]

mod address;
mod builder;
mod connection;
mod failure;
mod host;
mod pools;
mod rows;
mod tls;
mod value;

pub use builder::Builder;
pub use connection::Connection;
pub use pools::Pools;

use gyre_capability_http::AllowedHosts;
use std::sync::Arc;
use wasmtime::component::{HasData, Linker, ResourceTable};

mod bindings {
    wasmtime::component::bindgen!({
        path: "../../wit/deps/postgres",
        inline: "package gyre:capability-postgres; world host { import spin:postgres/postgres@4.2.0; }",
        imports: { default: async | trappable },
        with: {
            "spin:postgres/postgres.connection": crate::connection::Connection,
            "spin:postgres/postgres.connection-builder": crate::builder::Builder,
        },
    });
}

/// Connections that one sandbox may hold open.
const CONNECTIONS_MAX: usize = 16;
/// Builders that one sandbox may hold.
const BUILDERS_MAX: usize = 64;

/// What one sandbox may reach, and what it holds.
#[derive(Debug)]
pub struct PostgresCtx {
    component: Arc<str>,
    allowed: Arc<AllowedHosts>,
    pools: Arc<Pools>,
    open: usize,
    builders: usize,
}

impl PostgresCtx {
    /// Lets a sandbox of `component` reach the servers in `allowed`.
    pub fn new(component: Arc<str>, allowed: Arc<AllowedHosts>, pools: Arc<Pools>) -> Self {
        Self {
            component,
            allowed,
            pools,
            open: 0,
            builders: 0,
        }
    }
}

/// A view of the store of one sandbox.
pub struct PostgresCtxView<'a> {
    /// What may be reached.
    pub ctx: &'a mut PostgresCtx,
    /// Where open connections are kept.
    pub table: &'a mut ResourceTable,
}

/// Implemented by the data of a store that has PostgreSQL.
pub trait PostgresView: Send {
    /// The view of this store.
    fn postgres(&mut self) -> PostgresCtxView<'_>;
}

/// Names the data of this interface for the linker.
struct Postgres;

impl HasData for Postgres {
    type Data<'a> = PostgresCtxView<'a>;
}

/// Adds `spin:postgres` to a linker.
pub fn add_to_linker<T: PostgresView + 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    bindings::spin::postgres::postgres::add_to_linker::<T, Postgres>(linker, T::postgres)
}
