//! Where a store is kept.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// Where a store is kept. Debug shows no address: it may carry a password.
#[derive(Clone)]
pub enum Place {
    /// A file.
    File(PathBuf),
    /// The memory of this process.
    Memory,
    /// A Redis server.
    Redis(RedisServer),
}

/// The address of a Redis server.
#[derive(Clone)]
pub struct RedisServer(pub(crate) Arc<redis::Client>);

/// A text that is no address of a Redis server.
#[derive(Debug, thiserror::Error)]
#[error(
    "not the address of a Redis server\nhint: write it as redis://[:password@]host[:port][/number]; rediss:// for TLS"
)]
pub struct NoRedisAddress;

impl RedisServer {
    /// Reads an address; nothing is connected yet.
    pub fn new(url: &str) -> Result<Self, NoRedisAddress> {
        // The library's error may quote the address.
        redis::Client::open(url)
            .map(|client| Self(Arc::new(client)))
            .map_err(|_| NoRedisAddress)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => f.debug_tuple("File").field(file).finish(),
            Self::Memory => f.write_str("Memory"),
            Self::Redis(_) => f.write_str("Redis"),
        }
    }
}
