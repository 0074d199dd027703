//! Model files by name, of any format: read once per change of a file, and listed though they are broken.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use gyre_engine_ipc::{EngineError, ModelInfo};
use gyre_gguf::folder;

/// Changes with the file.
pub(crate) type Stamp = (Option<SystemTime>, u64);

/// Of a file that is there.
pub(crate) fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    Some((metadata.modified().ok(), metadata.len()))
}

/// What was read of files, with the stamps they had.
pub(crate) struct Shelf<S, E>(HashMap<String, (S, E)>);

impl<S, E> Default for Shelf<S, E> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<S: PartialEq, E: Clone> Shelf<S, E> {
    /// What is known of a file, or what `inspect` finds in it.
    pub(crate) fn entry(
        &mut self,
        name: &str,
        stamp: S,
        inspect: impl FnOnce() -> Result<E, EngineError>,
    ) -> Result<E, EngineError> {
        match self.0.get(name) {
            Some((known, entry)) if *known == stamp => Ok(entry.clone()),
            _ => {
                let entry = inspect()?;
                self.0.insert(name.to_owned(), (stamp, entry.clone()));
                Ok(entry)
            }
        }
    }

    /// Forgets all others.
    pub(crate) fn keep(&mut self, names: &[String]) {
        self.0.retain(|name, _| names.contains(name));
    }
}

/// Names of models in the folder and of those whose files lie elsewhere, in order, each once.
pub(crate) fn names(files: &[PathBuf], given: &HashMap<String, PathBuf>) -> Vec<String> {
    let in_folder = files.iter().map(|path| folder::name_of(path));
    let in_folder = in_folder.filter(|name| folder::is_name(name));
    let mut names: Vec<String> = in_folder.chain(given.keys().cloned()).collect();
    names.sort();
    names.dedup();
    names
}

/// The models of these names. One whose file is not sound is listed as able to do nothing: who asks for it is then told
/// what is wrong with the file, not that there is none.
pub(crate) fn list(
    names: Vec<String>,
    architecture: &str,
    mut find: impl FnMut(&str) -> Result<ModelInfo, EngineError>,
) -> Vec<ModelInfo> {
    let mut models = Vec::new();
    for name in names {
        match find(&name) {
            Ok(info) => models.push(info),
            Err(EngineError::ModelInvalid { .. }) => models.push(able_to_nothing(name, architecture)),
            // Its file went since the folder was read.
            Err(error) => tracing::warn!(model = name, %error, "a model is left out"),
        }
    }
    models
}

/// A model of which only the name is known.
pub(crate) fn able_to_nothing(name: String, architecture: &str) -> ModelInfo {
    ModelInfo {
        name,
        architecture: architecture.to_owned(),
        embedding: false,
        chat: false,
        rerank: false,
        graph: false,
    }
}
