//! What a phase made: the file `done.json`, which is there when all others are.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Key, PhaseError};
use crate::hash;

/// Its name.
pub(super) const FILE: &str = "done.json";

/// A phase that is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Done {
    /// The phase's name.
    pub phase: String,
    /// What its output is known by.
    pub key: Key,
    /// What it was made with.
    pub parameters: Value,
    /// Keys of what it was made from.
    pub inputs: Vec<Key>,
    /// What it made.
    pub files: Vec<Made>,
    /// What it tells of it.
    pub told: Value,
    /// How long that took, all attempts of this process together.
    pub seconds: f64,
    /// Where its files are.
    #[serde(skip)]
    pub folder: PathBuf,
}

/// A file that a phase made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Made {
    /// Its name within the folder.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: String,
}

impl Made {
    /// What is there now.
    pub(super) fn of(folder: &Path, name: &str) -> Result<Self, PhaseError> {
        let path = folder.join(name);
        let (sha256, bytes) = hash::of_file(&path).map_err(PhaseError::io(&path))?;
        Ok(Self {
            name: name.to_owned(),
            bytes,
            sha256,
        })
    }
}

impl Done {
    /// Reads what was done in a folder; `None` where nothing was brought to its end.
    pub(super) fn read(folder: &Path) -> Result<Option<Self>, PhaseError> {
        let path = folder.join(FILE);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(PhaseError::io(&path)(error)),
        };
        let mut done: Self = serde_json::from_slice(&bytes).map_err(|error| PhaseError::Changed {
            path: path.clone(),
            what: error.to_string(),
        })?;
        folder.clone_into(&mut done.folder);
        Ok(Some(done))
    }

    /// Fails where a file is not what it was.
    pub(super) fn check(&self) -> Result<(), PhaseError> {
        for made in &self.files {
            let path = self.file(&made.name);
            let changed = |what: String| PhaseError::Changed {
                path: path.clone(),
                what,
            };
            let now = Made::of(&self.folder, &made.name).map_err(|error| changed(error.to_string()))?;
            if now != *made {
                return Err(changed(format!(
                    "its SHA-256 is {}, it was {}",
                    now.sha256, made.sha256
                )));
            }
        }
        Ok(())
    }

    /// Marks the phase as done: the file is whole or not there.
    pub(super) fn write(&self) -> Result<(), PhaseError> {
        let path = self.folder.join(FILE);
        let bytes = serde_json::to_vec_pretty(self)?;
        let written = || -> std::io::Result<()> {
            let mut part = tempfile::NamedTempFile::new_in(&self.folder)?;
            std::io::Write::write_all(&mut part, &bytes)?;
            part.as_file().sync_all()?;
            part.persist(&path).map_err(|error| error.error)?;
            Ok(())
        };
        written().map_err(PhaseError::io(&path))
    }

    /// The path of a file that it made.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The hash of a file that it made; empty where it made none of this name.
    pub fn hash(&self, name: &str) -> &str {
        let made = self.files.iter().find(|made| made.name == name);
        made.map_or("", |made| made.sha256.as_str())
    }
}
