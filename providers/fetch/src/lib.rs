//! Fetches component files by URL into a folder where each is named by its digest: once, and only whole and right ones.

mod digest;
mod error;
mod transfer;

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use gyre_manifest::RemoteFile;

pub use error::Error;

/// Begins the names of files that are not whole yet.
const PART: &str = ".part-";

/// What a transfer may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of one file.
    pub bytes_max: u64,
    /// Time until the server answers.
    pub answer_ms_max: u64,
    /// Time without a byte.
    pub idle_ms_max: u64,
    /// Time for all of it.
    pub total_ms_max: u64,
}

impl Limits {
    /// What suits components: as large as a host composes, and a slow line.
    pub const DEFAULT: Self = Self {
        bytes_max: 256 << 20,
        answer_ms_max: 30_000,
        idle_ms_max: 30_000,
        total_ms_max: 600_000,
    };
}

/// Is told how far a transfer is.
pub trait Progress {
    /// A transfer begins; `bytes` is its size where the server says it.
    fn begin(&mut self, file: &RemoteFile, bytes: Option<u64>);
    /// So many bytes are here.
    fn reached(&mut self, bytes: u64);
    /// It has ended, well or not.
    fn end(&mut self);
}

/// Files by their digests.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
    limits: Limits,
}

impl Cache {
    /// A cache in this folder, which is made where it is missing.
    pub fn open(folder: &Path, limits: Limits) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(Error::disk(folder))?;
        let cache = Self {
            folder: folder.to_owned(),
            limits,
        };
        cache.sweep()?;
        Ok(cache)
    }

    /// The file, fetched unless it is here already. Blocks.
    pub fn fetch(&self, file: &RemoteFile, progress: &mut dyn Progress) -> Result<PathBuf, Error> {
        let place = self.folder.join(format!("{}.wasm", file.sha256));
        // What lies here is believed by its content, not by its name.
        if place.is_file() && digest::of_file(&place).map_err(Error::disk(&place))? == file.sha256 {
            return Ok(place);
        }
        let mut part = tempfile::Builder::new()
            .prefix(PART)
            .tempfile_in(&self.folder)
            .map_err(Error::disk(&self.folder))?;
        let transfer = transfer::Transfer {
            file,
            limits: &self.limits,
        };
        let fetched = transfer.run(part.as_file_mut(), progress);
        progress.end();
        fetched?;
        part.persist(&place)
            .map_err(|error| Error::disk(&place)(error.error))?;
        Ok(place)
    }

    /// Removes what a killed process left: parts older than any transfer may be.
    fn sweep(&self) -> Result<(), Error> {
        let age_max = Duration::from_millis(self.limits.total_ms_max).saturating_mul(2);
        let entries = fs::read_dir(&self.folder).map_err(Error::disk(&self.folder))?;
        for entry in entries {
            let entry = entry.map_err(Error::disk(&self.folder))?;
            let is_part = entry.file_name().to_string_lossy().starts_with(PART);
            let modified = entry.metadata().and_then(|facts| facts.modified());
            let age = modified
                .ok()
                .and_then(|at| SystemTime::now().duration_since(at).ok());
            if is_part && age.is_some_and(|age| age > age_max) {
                // Another process may have been faster.
                let _ = fs::remove_file(entry.path());
            }
        }
        Ok(())
    }
}
