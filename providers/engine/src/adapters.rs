//! The LoRA adapters of a model: loaded with it, before its context is made, and used one at a time.

use std::fs;
use std::path::{Path, PathBuf};

use gyre_engine_ipc::EngineError;
use gyre_gguf::{Gguf, folder};
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::model::{LlamaLoraAdapter, LlamaModel};

use crate::catalog::{self, Entry};

/// Adapters of one model at most: each takes memory whether it is used or not.
const ADAPTERS_MAX: usize = 32;

/// The adapters of a model in the models folder: their names and files.
pub(crate) fn files(models: &Path, model: &str) -> Result<Vec<(String, PathBuf)>, EngineError> {
    // A folder that cannot be read has none.
    let files = folder::adapters(models, model).unwrap_or_default();
    if files.len() > ADAPTERS_MAX {
        return Err(EngineError::invalid(format!(
            "the model {model} has {} adapters in the models folder: leave at most {ADAPTERS_MAX} there",
            files.len()
        )));
    }
    Ok(files)
}

/// Bytes of their files, which are nearly all weights.
pub(crate) fn bytes(files: &[(String, PathBuf)]) -> u64 {
    let sizes = files.iter().filter_map(|(_, path)| fs::metadata(path).ok());
    sizes.map(|metadata| metadata.len()).fold(0, u64::saturating_add)
}

/// The adapters of one model, by number.
pub(crate) struct Adapters {
    model: String,
    /// One that cannot be used keeps its place, and says why.
    loaded: Vec<(String, Result<LlamaLoraAdapter, EngineError>)>,
    in_use: Option<usize>,
}

impl Adapters {
    /// Loads the adapters with these names and files.
    pub(crate) fn load(entry: &Entry, model: &mut LlamaModel, files: &[(String, PathBuf)]) -> Self {
        let header = (!files.is_empty()).then(|| Gguf::open(&entry.path));
        let mut load = |path: &Path| {
            let header = match &header {
                Some(Ok(header)) => header,
                _ => return Err("the model's file cannot be read any more".to_owned()),
            };
            let adapter = Gguf::open(path).map_err(|error| error.to_string())?;
            // llama.cpp aborts on some that do not fit.
            adapter.check_adapter_of(header)?;
            let adapter = model.lora_adapter_init(path);
            adapter.map_err(|_| "llama.cpp cannot load it; the log of `gyre up` says why".to_owned())
        };
        let loaded = files.iter().map(|(name, path)| {
            let adapter = load(path).map_err(|reason| {
                tracing::warn!(
                    model = entry.info.name,
                    adapter = name,
                    reason,
                    "an adapter cannot be used"
                );
                let file = catalog::file_name(path);
                EngineError::ModelInvalid { file, reason }
            });
            (name.clone(), adapter)
        });
        Self {
            loaded: loaded.collect(),
            model: entry.info.name.clone(),
            in_use: None,
        }
    }

    /// The number of the adapter that a request names.
    pub(crate) fn find(&self, name: Option<&str>) -> Result<Option<usize>, EngineError> {
        let Some(name) = name else {
            return Ok(None);
        };
        if !folder::is_name(name) {
            return Err(EngineError::invalid(
                "the adapter's name is not one that a file can have: use letters, digits, - and _",
            ));
        }
        let index = self.loaded.iter().position(|(there, _)| there == name);
        let index = index.ok_or_else(|| EngineError::AdapterNotFound {
            model: self.model.clone(),
            adapter: name.to_owned(),
            available: self.loaded.iter().map(|(name, _)| name.clone()).collect(),
        })?;
        match &self.loaded[index].1 {
            Ok(_) => Ok(Some(index)),
            Err(error) => Err(error.clone()),
        }
    }

    /// The name of the adapter of this number; of none, an empty one.
    pub(crate) fn name(&self, index: Option<usize>) -> &str {
        let adapter = index.and_then(|index| self.loaded.get(index));
        adapter.map_or("", |(name, _)| name.as_str())
    }

    /// Has the context compute with this adapter from now on, or with none.
    pub(crate) fn apply(
        &mut self,
        context: &mut LlamaContext<'_>,
        wanted: Option<usize>,
    ) -> Result<(), EngineError> {
        if self.in_use == wanted {
            return Ok(());
        }
        let changed = match (wanted.or(self.in_use)).and_then(|index| self.loaded.get_mut(index)) {
            Some((_, Ok(adapter))) if wanted.is_some() => context
                .lora_adapter_set(adapter, 1.0)
                .map_err(|error| error.to_string()),
            Some((_, Ok(adapter))) => context
                .lora_adapter_remove(adapter)
                .map_err(|error| error.to_string()),
            _ => Err("it is not loaded".to_owned()),
        };
        changed.map_err(|error| EngineError::internal(format!("an adapter cannot be applied: {error}")))?;
        self.in_use = wanted;
        Ok(())
    }
}
