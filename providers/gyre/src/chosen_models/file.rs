//! One model given: its file and whether it can answer.

use super::error::ModelError;
use super::folder::chat_models;
use super::size::Size;
use crate::cli::{Given, name_of};
use gyre_engine_ipc::EngineConfig;
use gyre_gguf::{Gguf, Purpose, folder};
use std::path::{Path, PathBuf};

/// llama.cpp rounds the context of a conversation up to this.
const CONTEXT_STEP: u64 = 256;

/// A chat model whose file is sound.
#[derive(Debug)]
pub(crate) struct LocalModel {
    /// What requests call it.
    pub(crate) name: String,
    /// Its file.
    pub(crate) path: PathBuf,
    /// The architecture its header names.
    pub(crate) architecture: String,
    /// Bytes of the file, all of which are read for each token.
    pub(crate) file_bytes: u64,
    /// Bytes that its conversations take.
    pub(crate) kv_bytes: u64,
    /// The model that writes ahead for it.
    pub(crate) draft: Option<Draft>,
}

/// A small model that writes ahead for another.
#[derive(Debug)]
pub(crate) struct Draft {
    /// What the worker calls it.
    pub(crate) name: String,
    /// Its file.
    pub(crate) path: PathBuf,
    /// Bytes of the file, and those that its one conversation takes.
    pub(super) bytes: u64,
}

impl LocalModel {
    /// What it needs: its weights, the KV memory of its conversations, and what its draft needs.
    pub(crate) fn needs(&self) -> Size {
        let draft = self.draft.as_ref().map_or(0, |draft| draft.bytes);
        Size(
            self.file_bytes
                .saturating_add(self.kv_bytes)
                .saturating_add(draft),
        )
    }
}

/// Finds a model and checks that it is one that can answer.
pub(super) fn check(given: &Given, models: &Path, config: &EngineConfig) -> Result<LocalModel, ModelError> {
    let (name, path) = locate(given, models)?;
    if gyre_onnx::folder::is_onnx(&path) {
        let does = "is a graph of tensors";
        return Err(ModelError::NoChat { path, does });
    }
    let gguf = Gguf::open(&path).map_err(|error| ModelError::broken(&path, error))?;
    if gguf.parts() > 1 {
        let parts = gguf.parts();
        return Err(ModelError::Part { path, parts });
    }
    match gguf.purpose() {
        Purpose::Chat => {}
        Purpose::Base => return Err(ModelError::Base { path }),
        Purpose::Embedding => {
            let does = "makes embeddings";
            return Err(ModelError::NoChat { path, does });
        }
        Purpose::Ranking => {
            let does = "ranks passages";
            return Err(ModelError::NoChat { path, does });
        }
    }
    Ok(LocalModel {
        name,
        architecture: gguf.architecture().to_owned(),
        file_bytes: file_bytes(&path)?,
        kv_bytes: gguf.kv_bytes(context_tokens(&gguf, config, config.sequences())),
        draft: None,
        path,
    })
}

pub(super) fn file_bytes(path: &Path) -> Result<u64, ModelError> {
    let data = std::fs::metadata(path);
    let data = data.map_err(|error| ModelError::broken(path, gyre_gguf::GgufError::Io(error)))?;
    Ok(data.len())
}

/// Tokens that so many conversations together may hold, those that only keep prefixes among them.
pub(super) fn context_tokens(gguf: &Gguf, config: &EngineConfig, sequences: u32) -> u64 {
    let asked = u64::from(config.context_tokens_max);
    let each = gguf
        .hyperparameter("context_length")
        .map_or(asked, |trained| trained.min(asked));
    each.max(1).next_multiple_of(CONTEXT_STEP) * u64::from(sequences)
}

/// The name and file of what is given.
pub(super) fn locate(given: &Given, models: &Path) -> Result<(String, PathBuf), ModelError> {
    match given {
        Given::File(path) => {
            if !path.is_file() {
                return Err(ModelError::NoFile { path: path.clone() });
            }
            let name = name_of(&path.file_name().unwrap_or_default().to_string_lossy());
            not_taken(&name, path, models)?;
            Ok((name, path.clone()))
        }
        Given::Name(name) => {
            let path = folder::path_of(models, name);
            if !path.is_file() {
                return Err(ModelError::Unknown {
                    there: chat_models(models),
                    folder: models.to_owned(),
                    name: name.clone(),
                });
            }
            Ok((name.clone(), path))
        }
    }
}

/// A name must mean one file, whether it is read on the command line or in the manifest.
fn not_taken(name: &str, path: &Path, models: &Path) -> Result<(), ModelError> {
    let folder_path = folder::path_of(models, name);
    let (Ok(there), Ok(given)) = (folder_path.canonicalize(), path.canonicalize()) else {
        return Ok(());
    };
    if there == given {
        return Ok(());
    }
    Err(ModelError::NameTaken {
        name: name.to_owned(),
        path: path.to_owned(),
        folder_path,
    })
}
