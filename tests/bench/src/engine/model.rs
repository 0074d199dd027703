//! The model that is measured: a given file, or one of random weights.

use anyhow::{Context, Result, ensure};
use gyre_gguf::sized::{self, Size};
use std::path::{Path, PathBuf};

const SEED: u64 = 11;

/// How large a random model is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Weights {
    /// 21 million parameters
    Small,
    /// 88 million parameters
    Medium,
}

impl Weights {
    fn size(self) -> Size {
        match self {
            Self::Small => Size::SMALL,
            Self::Medium => Size::MEDIUM,
        }
    }
}

/// The path of the file, absolute; a random one is made anew in `folder`.
pub(crate) fn file(given: Option<&Path>, weights: Weights, folder: &Path) -> Result<PathBuf> {
    if let Some(given) = given {
        ensure!(given.is_file(), "there is no model {}", given.display());
        return given
            .canonicalize()
            .context("the model's path cannot be resolved");
    }
    let path = folder.canonicalize()?.join("bench.gguf");
    sized::random_llama(&weights.size(), SEED, &path)?;
    Ok(path)
}
