//! What a program may do: everything that is not here is denied.

use crate::error::Error;
use gyre_capability_http::AllowedHosts;
use gyre_engine_ipc::Engine as Inference;
use std::path::PathBuf;
use std::sync::Arc;
use wasmtime_wasi::{FsPerms, WasiCtxBuilder};

/// What a program may do. The default is nothing.
#[derive(Default)]
pub struct Grants {
    /// Folders.
    pub mounts: Vec<Mount>,
    /// Variables of its environment.
    pub environment: Vec<(String, String)>,
    /// Hosts that it may send HTTP requests to.
    pub allowed_hosts: AllowedHosts,
    /// Models that it may load by name.
    pub models: Arc<[String]>,
    /// What runs the models.
    pub inference: Option<Inference>,
}

/// A folder of this machine as the program sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Where it is.
    pub host: PathBuf,
    /// Its path in the program.
    pub guest: String,
    /// Whether the program may change it.
    pub writable: bool,
}

impl Grants {
    /// WASI with these grants; the streams are those of this process.
    pub(crate) fn wasi(&self, name: &str, arguments: &[String]) -> Result<WasiCtxBuilder, Error> {
        let mut builder = WasiCtxBuilder::new();
        builder
            .inherit_stdio()
            .envs(&self.environment)
            .arg(name)
            .args(arguments);
        for mount in &self.mounts {
            let permissions = if mount.writable {
                FsPerms::ReadWrite
            } else {
                FsPerms::ReadOnly
            };
            builder
                .preopened_dir(&mount.host, &mount.guest, permissions)
                .map_err(|source| Error::Mount {
                    host: mount.host.clone(),
                    source,
                })?;
        }
        Ok(builder)
    }
}
