//! SQLite databases of a sandbox (`spin:sqlite@3.1.0`).
//!
//! A component opens the databases its `sqlite_databases` name, each a file in the state folder. Every connection
//! has a thread of its own, so that a slow query holds up nobody else; rows travel in bounded batches.

mod connection;
mod guard;
mod host;
mod rows;
mod worker;

pub use connection::Connection;
use std::path::PathBuf;
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

/// The databases of an application: a file a name, in one folder.
#[derive(Debug, Clone)]
pub struct Databases {
    folder: PathBuf,
}

impl Databases {
    /// Keeps databases in `folder`, which must exist.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// The file of a database, or `None` for a name that could leave the folder.
    fn file(&self, name: &str) -> Option<PathBuf> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        (!name.is_empty() && name.len() <= 64 && name.chars().all(plain))
            .then(|| self.folder.join(format!("{name}.db")))
    }
}

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

#[cfg(test)]
mod tests {
    use super::Databases;

    #[test]
    fn names_stay_in_the_folder() {
        let databases = Databases::new("state");
        assert!(databases.file("default").is_some());
        for wrong in ["", "../x", "a/b", "a.b", "a\0b"] {
            assert_eq!(databases.file(wrong), None, "{wrong}");
        }
    }
}
