//! What there is in a work folder.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::PhaseError;
use super::done::Done;

/// How far a phase is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Its files are there.
    Done,
    /// It was begun.
    Begun,
}

/// A phase's folder.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Status {
    /// The folder.
    pub folder: PathBuf,
    /// How far it is.
    pub state: State,
    /// How long it took, where it is done.
    pub seconds: Option<f64>,
    /// What it tells, where it is done.
    pub told: Option<serde_json::Value>,
}

/// All phases of a work folder, by name; none where the folder is not there. Files are not checked.
pub fn status(work: &Path) -> Result<Vec<Status>, PhaseError> {
    let entries = match std::fs::read_dir(work) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(PhaseError::io(work)(error)),
    };
    let mut all = Vec::new();
    for entry in entries {
        let folder = entry.map_err(PhaseError::io(work))?.path();
        if !folder.is_dir() {
            continue;
        }
        let done = Done::read(&folder)?;
        all.push(Status {
            state: if done.is_some() { State::Done } else { State::Begun },
            seconds: done.as_ref().map(|done| done.seconds),
            told: done.map(|done| done.told),
            folder,
        });
    }
    all.sort_by(|one, other| one.folder.cmp(&other.folder));
    Ok(all)
}
