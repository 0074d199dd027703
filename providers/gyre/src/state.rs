//! The state folder: databases, key-value stores and compiled components.

use crate::exit::StateUnwritable;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// Where databases sort what does not fit into memory: behind the wall there is no other temporary folder.
pub(crate) fn temporary(state: &Path) -> PathBuf {
    state.join("tmp")
}

/// What outlives the process.
pub(crate) struct StateDir(PathBuf);

impl StateDir {
    /// Makes the folder where it is missing, and proves that it can be written.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let unwritable = || StateUnwritable::new(path);
        let state = Self(std::path::absolute(path).with_context(unwritable)?);
        for folder in [
            state.databases(),
            state.key_value(),
            state.compiled(),
            temporary(&state.0),
        ] {
            std::fs::create_dir_all(folder).with_context(unwritable)?;
        }
        let probe = state.0.join(".probe");
        std::fs::write(&probe, b"")
            .and_then(|()| std::fs::remove_file(&probe))
            .with_context(unwritable)?;
        Ok(state)
    }

    /// The folder itself.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Compiled components, safe to delete.
    pub(crate) fn compiled(&self) -> PathBuf {
        self.0.join("compiled")
    }

    /// Components fetched by URL, safe to delete.
    pub(crate) fn fetched(&self) -> PathBuf {
        self.0.join("fetched")
    }

    /// Folders of files that components may read; each is gone with its process.
    pub(crate) fn files(&self) -> PathBuf {
        self.0.join("files")
    }

    /// The folder of the SQLite database `default`.
    pub(crate) fn databases(&self) -> PathBuf {
        self.0.join("sqlite")
    }

    /// The folder of the key-value store `default`.
    pub(crate) fn key_value(&self) -> PathBuf {
        self.0.join("key-value")
    }
}
