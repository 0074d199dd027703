//! Files that a component may read: folders as they are, or a folder put together for it.
//!
//! A sandbox can only be given folders. Where a manifest names single files or patterns, or leaves files out, what is
//! meant is linked (or copied, where it cannot be linked) into a folder of its own, which is the sandbox's `/`.

use crate::staging::{FilesError, Staging};
use gyre_manifest::{Component, Mount};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// What a component may read, as folders.
#[derive(Debug, Clone)]
pub(crate) struct Mounts {
    folders: Vec<Mount>,
    /// Gone with the last sandbox that may read it.
    _staged: Option<Arc<TempDir>>,
}

impl Mounts {
    /// Finds what the manifest names. `folder` is where folders are put together.
    pub(crate) fn prepare(component: &Component, folder: &Path) -> Result<Self, FilesError> {
        let whole_folders = component.files.iter().all(|mount| mount.source.is_dir());
        if whole_folders && component.file_patterns.is_empty() && component.exclude_files.is_empty() {
            return Ok(Self {
                folders: component.files.clone(),
                _staged: None,
            });
        }
        std::fs::create_dir_all(folder).map_err(FilesError::unwritable(folder))?;
        let staged = tempfile::Builder::new()
            .prefix(&format!("{}-", std::process::id()))
            .tempdir_in(folder)
            .map_err(FilesError::unwritable(folder))?;
        let mut staging = Staging::new(component, staged.path())?;
        for pattern in &component.file_patterns {
            staging.add_pattern(pattern)?;
        }
        for mount in &component.files {
            staging.add_mount(mount)?;
        }
        let root = Mount {
            source: staged.path().to_owned(),
            destination: "/".to_owned(),
        };
        Ok(Self {
            folders: vec![root],
            _staged: Some(Arc::new(staged)),
        })
    }

    /// The folders, each with its place in the sandbox.
    pub(crate) fn folders(&self) -> impl Iterator<Item = (&PathBuf, &str)> {
        self.folders
            .iter()
            .map(|mount| (&mount.source, mount.destination.as_str()))
    }
}

/// Removes folders that killed processes left.
pub(crate) fn sweep(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        // It is made when it is needed.
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let process = name.to_str().and_then(|name| name.split_once('-'));
        let process = process.and_then(|(process, _)| process.parse::<u32>().ok());
        if process.is_some_and(|id| !Path::new("/proc").join(id.to_string()).exists()) {
            // Another process may be sweeping too.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests;
