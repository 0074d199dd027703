//! Where a database is kept.

use crate::libsql::Server;
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
