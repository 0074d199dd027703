//! Checkpoints: all that a run needs to go on, bit for bit.

#[cfg(test)]
mod tests;

use super::optimiser::Moments;
use super::{Place, Settings, TrainError};
use crate::model::{PARTIAL_EXTENSION, Weights, give_name, partial_of};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

const VERSION: u32 = 1;
/// The key of the file's metadata under which the state is told as JSON.
const STATE_KEY: &str = "state";
/// Checkpoints that are kept, beside that from before the rate fell.
const KEPT: usize = 2;
const BEFORE_DECAY: &str = "before-decay.safetensors";
/// Three times the most weights there may be.
const FILE_BYTES_MAX: u64 = 1_300_000_000;

/// Where a run is, beside its numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    /// Of this format.
    pub(super) version: u32,
    pub(super) settings: Settings,
    /// The hash of the tokens that are learnt from.
    pub(super) data: String,
    /// Steps that were made.
    pub(super) step: u64,
    pub(super) place: Place,
    /// Tokens that were read.
    pub(super) tokens: u64,
}

impl State {
    pub(super) fn new(settings: &Settings, data: String) -> Self {
        Self {
            version: VERSION,
            settings: settings.clone(),
            data,
            step: 0,
            place: Place::default(),
            tokens: 0,
        }
    }
}

/// A run at rest.
#[derive(Clone, Debug)]
pub(super) struct Checkpoint {
    pub(super) state: State,
    pub(super) weights: Weights,
    pub(super) moments: Moments,
}

impl Checkpoint {
    fn save(&self, path: &Path) -> Result<(), TrainError> {
        let wrong = |why: String| TrainError::Checkpoint {
            path: path.to_owned(),
            why,
        };
        let view = |name: &str, numbers| {
            let bytes: &[u8] = bytemuck::cast_slice::<f32, u8>(numbers);
            TensorView::new(Dtype::F32, vec![numbers.len()], bytes).map(|view| (name.to_owned(), view))
        };
        let views = [
            view("first", &self.moments.first),
            view("second", &self.moments.second),
            view("weights", self.weights.values()),
        ];
        let views: Result<Vec<_>, _> = views.into_iter().collect();
        let views = views.map_err(|error| wrong(error.to_string()))?;
        let state = serde_json::to_string(&self.state).map_err(|error| wrong(error.to_string()))?;
        let metadata = HashMap::from([(STATE_KEY.to_owned(), state)]);
        let partial = partial_of(path);
        match safetensors::serialize_to_file(views, Some(metadata), &partial) {
            Ok(()) => give_name(&partial, path).map_err(TrainError::io(path)),
            Err(safetensors::SafeTensorError::IoError(error)) => Err(TrainError::io(path)(error)),
            Err(error) => Err(wrong(error.to_string())),
        }
    }

    /// Reads a checkpoint.
    pub(super) fn load(path: &Path) -> Result<Self, TrainError> {
        let wrong = |why: String| TrainError::Checkpoint {
            path: path.to_owned(),
            why,
        };
        let length = std::fs::metadata(path).map_err(TrainError::io(path))?.len();
        if length > FILE_BYTES_MAX {
            return Err(wrong(format!(
                "it has {length} bytes, more than {FILE_BYTES_MAX}"
            )));
        }
        let bytes = std::fs::read(path).map_err(TrainError::io(path))?;
        let (_, header) = SafeTensors::read_metadata(&bytes).map_err(|error| wrong(error.to_string()))?;
        let state = header.metadata().as_ref().and_then(|all| all.get(STATE_KEY));
        let state = state.ok_or_else(|| wrong(format!("its metadata has no `{STATE_KEY}`")))?;
        let state: State = serde_json::from_str(state).map_err(|error| wrong(error.to_string()))?;
        if state.version != VERSION {
            return Err(wrong(format!("its version is {}, not {VERSION}", state.version)));
        }
        let tensors = SafeTensors::deserialize(&bytes).map_err(|error| wrong(error.to_string()))?;
        let numbers = state.settings.shape.parameters();
        let tensor = |name: &str| {
            let view = tensors.tensor(name).map_err(|error| wrong(error.to_string()))?;
            if view.dtype() != Dtype::F32 || view.data().len() != 4 * numbers {
                return Err(wrong(format!("`{name}` is not {numbers} numbers of 32 bits")));
            }
            Ok(bytemuck::pod_collect_to_vec::<u8, f32>(view.data()))
        };
        let moments = Moments {
            first: tensor("first")?,
            second: tensor("second")?,
        };
        let weights = Weights::from_values(&state.settings.shape, tensor("weights")?)?;
        Ok(Self {
            state,
            weights,
            moments,
        })
    }
}

/// The checkpoints of a run.
#[derive(Debug)]
pub(super) struct Checkpoints {
    folder: PathBuf,
}

impl Checkpoints {
    /// In this folder, which is made; what a killed run left unfinished is removed.
    pub(super) fn open(folder: PathBuf) -> Result<Self, TrainError> {
        std::fs::create_dir_all(&folder).map_err(TrainError::io(&folder))?;
        let checkpoints = Self { folder };
        for path in checkpoints.files()? {
            if path
                .extension()
                .is_some_and(|extension| extension == PARTIAL_EXTENSION)
            {
                std::fs::remove_file(&path).map_err(TrainError::io(&path))?;
            }
        }
        Ok(checkpoints)
    }

    fn files(&self) -> Result<Vec<PathBuf>, TrainError> {
        let entries = std::fs::read_dir(&self.folder).map_err(TrainError::io(&self.folder))?;
        let paths = entries.map(|entry| entry.map(|entry| entry.path()));
        paths
            .collect::<Result<_, _>>()
            .map_err(TrainError::io(&self.folder))
    }

    /// The steps of those there are, oldest first, and where they are.
    fn all(&self) -> Result<Vec<(u64, PathBuf)>, TrainError> {
        let step = |path: &PathBuf| {
            let name = path.file_name()?.to_str()?;
            let step = name.strip_prefix("step-")?.strip_suffix(".safetensors")?;
            step.parse().ok()
        };
        let files = self.files()?.into_iter();
        let mut all: Vec<(u64, PathBuf)> = files.filter_map(|path| Some((step(&path)?, path))).collect();
        all.sort_unstable();
        Ok(all)
    }

    /// Where the newest is.
    pub(super) fn newest(&self) -> Result<Option<PathBuf>, TrainError> {
        Ok(self.all()?.pop().map(|(_, path)| path))
    }

    /// Writes one, and removes those that are not needed any more.
    pub(super) fn write(&self, checkpoint: &Checkpoint) -> Result<(), TrainError> {
        let name = format!("step-{:010}.safetensors", checkpoint.state.step);
        checkpoint.save(&self.folder.join(name))?;
        let all = self.all()?;
        for (_, path) in all.iter().rev().skip(KEPT) {
            std::fs::remove_file(path).map_err(TrainError::io(path))?;
        }
        Ok(())
    }

    /// Writes the one from before the rate falls, which is kept.
    pub(super) fn write_before_decay(&self, checkpoint: &Checkpoint) -> Result<(), TrainError> {
        checkpoint.save(&self.folder.join(BEFORE_DECAY))
    }
}
