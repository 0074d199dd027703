//! Where a database is kept.

use crate::libsql::Server;
use crate::writers::Writers;
use std::path::PathBuf;
use std::sync::Arc;

/// Where a database is kept.
#[derive(Debug, Clone)]
pub enum Place {
    /// A file.
    File(PathBuf),
    /// The memory of one connection: gone when it is closed.
    Memory,
    /// A libSQL server.
    Libsql(Arc<Server>),
}

/// What is needed to open a database.
#[derive(Debug, Clone)]
pub(crate) enum Opening {
    /// A file, and the queue of all who write it.
    File(PathBuf, Writers),
    /// Nobody else reaches it.
    Memory,
    /// The server has its own order.
    Libsql(Arc<Server>),
}
