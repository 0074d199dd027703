//! SQLite databases of a sandbox (`spin:sqlite@3.1.0`).
//!
//! A component opens the databases its `sqlite_databases` name: files, `default` among them, or databases of libSQL
//! servers. Every connection to a file has a thread of its own, so that a slow query holds up nobody else; rows travel
//! in bounded batches. Those who write one file take turns in the order in which they came.

mod connection;
mod databases;
mod guard;
mod host;
mod libsql;
mod place;
mod rows;
mod worker;
mod writers;

pub use connection::Connection;
pub use databases::Databases;
pub use libsql::{NoServer, Server};
pub use place::Place;
use std::sync::Arc;
use wasmtime::component::{HasData, Linker, ResourceTable};

mod bindings {
    wasmtime::component::bindgen!({
        path: "../../wit/deps/sqlite",
        inline: "package gyre:capability-sqlite; world host { import spin:sqlite/sqlite@3.1.0; }",
        imports: { default: async | trappable },
        with: { "spin:sqlite/sqlite.connection": crate::connection::Connection },
    });
}

/// Connections that one sandbox may hold open.
const CONNECTIONS_MAX: usize = 16;

/// What one sandbox may open, and how many connections it holds.
#[derive(Debug)]
pub struct SqliteCtx {
    allowed: Arc<[String]>,
    databases: Arc<Databases>,
    open: usize,
}

impl SqliteCtx {
    /// Lets the sandbox open the databases named in `allowed`.
    pub fn new(allowed: Arc<[String]>, databases: Arc<Databases>) -> Self {
        Self {
            allowed,
            databases,
            open: 0,
        }
    }
}

/// A view of the store of one sandbox.
pub struct SqliteCtxView<'a> {
    /// What may be opened.
    pub ctx: &'a mut SqliteCtx,
    /// Where connections are kept.
    pub table: &'a mut ResourceTable,
}

/// Implemented by the data of a store that has databases.
pub trait SqliteView: Send {
    /// The view of this store.
    fn sqlite(&mut self) -> SqliteCtxView<'_>;
}

/// Names the data of this interface for the linker.
struct Sqlite;

impl HasData for Sqlite {
    type Data<'a> = SqliteCtxView<'a>;
}

/// Adds `spin:sqlite` to a linker.
pub fn add_to_linker<T: SqliteView + 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    bindings::spin::sqlite::sqlite::add_to_linker::<T, Sqlite>(linker, T::sqlite)
}
