//! The options of a verb that fetches an application from a registry.

use super::xdg::{env_path, xdg};
use crate::exit::Usage;
use anyhow::Result;
use clap::Args;
use std::path::PathBuf;

/// How a registry is talked to, and where what came is kept.
#[derive(Debug, Default, Args)]
pub(crate) struct RegistryArgs {
    /// Talk to the registry without TLS
    #[arg(short = 'k', long)]
    pub(crate) insecure: bool,
    /// Folder of fetched applications [default: $XDG_CACHE_HOME/gyre or ~/.cache/gyre]
    #[arg(long, value_name = "DIR")]
    pub(crate) cache_dir: Option<PathBuf>,
}

impl RegistryArgs {
    /// Where fetched applications are kept.
    pub(crate) fn cache(&self) -> Result<PathBuf> {
        let unknown = || {
            Usage::new(
                "cannot tell where the cache folder is",
                "name it with --cache-dir, or set HOME",
            )
        };
        match &self.cache_dir {
            Some(folder) => Ok(folder.clone()),
            None => Ok(xdg(&env_path, "XDG_CACHE_HOME", ".cache")
                .ok_or_else(unknown)?
                .join("gyre")),
        }
    }
}
