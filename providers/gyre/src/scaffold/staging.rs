//! Folders that appear whole or not at all.

use super::error::Error;
use std::path::{Path, PathBuf};

/// A folder under another name until it is whole; dropping it removes it.
pub(super) struct Staging {
    part: PathBuf,
    whole: PathBuf,
}

impl Staging {
    /// Begins a folder that must not be there.
    pub(super) fn begin(whole: &Path) -> Result<Self, Error> {
        refuse_existing(whole)?;
        let name = whole.file_name().unwrap_or_default().to_string_lossy();
        let part = whole.with_file_name(format!(".{name}.{}.part", std::process::id()));
        std::fs::create_dir_all(&part).map_err(|source| failed("make", &part, source))?;
        Ok(Self {
            part,
            whole: whole.to_owned(),
        })
    }

    /// Writes one of its files.
    pub(super) fn write(&self, path: &str, bytes: &[u8]) -> Result<(), Error> {
        let path = self.part.join(path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|source| failed("make", folder, source))?;
        }
        std::fs::write(&path, bytes).map_err(|source| failed("write", &path, source))
    }

    /// Gives the folder its name.
    pub(super) fn finish(self) -> Result<(), Error> {
        // Somebody may have made it since; a rename would only replace an empty folder.
        refuse_existing(&self.whole)?;
        std::fs::rename(&self.part, &self.whole).map_err(|source| failed("make", &self.whole, source))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // After `finish` there is nothing to remove.
        let _ = std::fs::remove_dir_all(&self.part);
    }
}

/// Replaces a file in one step.
pub(super) fn replace(path: &Path, text: &str) -> Result<(), Error> {
    let part = path.with_extension(format!("{}.part", std::process::id()));
    std::fs::write(&part, text)
        .and_then(|()| std::fs::rename(&part, path))
        .map_err(|source| failed("write", path, source))
}

/// Fails when there is something at this path.
pub(super) fn refuse_existing(path: &Path) -> Result<(), Error> {
    match path.symlink_metadata() {
        Ok(_) => Err(Error::Exists {
            path: path.to_owned(),
        }),
        Err(_nothing_there) => Ok(()),
    }
}

/// An error of the file system.
pub(super) fn failed(action: &'static str, path: &Path, source: std::io::Error) -> Error {
    Error::Io {
        action,
        path: path.to_owned(),
        source,
    }
}
