//! The option of the verbs that use models of this machine.

use super::xdg::{env_path, xdg};
use crate::exit::Usage;
use anyhow::Result;
use clap::Args;
use std::path::PathBuf;

/// The models folder that was given, or the user's.
#[derive(Debug, Args)]
pub(crate) struct FolderArgs {
    /// Folder of the models, <name>.gguf or <name>.onnx each [default: $XDG_CACHE_HOME/gyre/models or ~/.cache/gyre/models]
    #[arg(long, env = "GYRE_MODELS", value_name = "DIR")]
    models: Option<PathBuf>,
}

impl FolderArgs {
    /// Where the models are.
    pub(crate) fn path(&self) -> Result<PathBuf> {
        let unknown = || {
            Usage::new(
                "cannot tell where the models folder is",
                "name it with --models, or set HOME",
            )
        };
        match &self.models {
            Some(folder) => Ok(folder.clone()),
            None => Ok(xdg(&env_path, "XDG_CACHE_HOME", ".cache")
                .ok_or_else(unknown)?
                .join("gyre/models")),
        }
    }
}
