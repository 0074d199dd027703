//! The runtime configuration file: what satisfies the labels that a manifest grants.
//!
//! It is the file of stock Spin 4.1, key by key. Reading it opens nothing: who starts the application opens the stores
//! it names. A key that Spin knows and this host does not honour is refused with the reason; any other is refused by
//! name. Addresses and tokens are [`Secret`]s, for both may carry a password.

mod error;
mod fields;
mod folders;
mod llm;
mod read;
mod refused;
mod secret;
mod stores;
mod variables;

pub use error::Error;
pub use folders::Folders;
pub use llm::{LlmApi, LlmCompute, RemoteLlm};
pub use read::{load, parse};
pub use secret::Secret;
pub use stores::{KeyValueStore, SqliteDatabase};
pub use variables::{EnvProvider, VariablesProvider, values};

use std::collections::BTreeMap;
use std::path::PathBuf;

/// What the runtime configuration file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuntimeConfig {
    /// Where databases and compiled components are kept, unless the command line says.
    pub state_dir: Option<PathBuf>,
    /// Memory that a sandbox of any component may have, whatever its own limit.
    pub memory_bytes_max: Option<u64>,
    /// Key-value stores by label; `default` need not be among them.
    pub key_value_stores: BTreeMap<String, KeyValueStore>,
    /// SQLite databases by label; `default` need not be among them.
    pub sqlite_databases: BTreeMap<String, SqliteDatabase>,
    /// What answers `fermyon:spin/llm`.
    pub llm: LlmCompute,
    /// Who is asked for the value of a variable, in this order; the environment is always the last of them.
    pub variables: Vec<VariablesProvider>,
}

impl Default for RuntimeConfig {
    /// What holds without a file.
    fn default() -> Self {
        Self {
            state_dir: None,
            memory_bytes_max: None,
            key_value_stores: BTreeMap::new(),
            sqlite_databases: BTreeMap::new(),
            llm: LlmCompute::Own,
            variables: vec![VariablesProvider::Env(EnvProvider::always())],
        }
    }
}
