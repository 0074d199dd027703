//! The options of whatever runs models: which, and how.

use super::up::{env_path, xdg};
use crate::chosen_models::ModelArg;
use crate::exit::Usage;
use anyhow::Result;
use clap::Args;
use gyre_engine_ipc::EngineConfig;
use std::path::{Path, PathBuf};

/// Options of the verbs that run models.
#[derive(Debug, Args)]
pub(crate) struct EngineArgs {
    /// Folder of the models, <name>.gguf each [default: $XDG_CACHE_HOME/gyre/models or ~/.cache/gyre/models]
    #[arg(long, env = "GYRE_MODELS", value_name = "DIR")]
    pub(crate) models: Option<PathBuf>,
    /// A chat model: the path of a GGUF file, a name in the models folder, or `none` for quotes and search by words
    /// only. May be repeated; the first answers when a request names none
    #[arg(long, value_name = "PATH|NAME|none")]
    pub(crate) model: Vec<ModelArg>,
    /// Tokens that each conversation may hold, if the model can [default: 4096]
    #[arg(long, value_name = "TOKENS", value_parser = clap::value_parser!(u32).range(256..=1_048_576))]
    pub(crate) context: Option<u32>,
    /// Conversations that a model answers at once; more wait [default: 8]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    pub(crate) parallel: Option<u32>,
    /// Threads that compute for a model [default: one per core, less one]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) threads: Option<u32>,
}

impl EngineArgs {
    /// Where the models are.
    pub(crate) fn models_dir(&self) -> Result<PathBuf> {
        models_dir(self.models.as_deref())
    }

    /// How the worker is run, models of the command line aside.
    pub(crate) fn config(&self, worker: &Path, models: &Path) -> EngineConfig {
        let mut config = EngineConfig::new(worker, models);
        config.context_tokens_max = self.context.unwrap_or(config.context_tokens_max);
        config.sequences_max = self.parallel.unwrap_or(config.sequences_max);
        config.threads = self.threads;
        config
    }
}

/// The models folder that was given, or the user's.
pub(super) fn models_dir(given: Option<&Path>) -> Result<PathBuf> {
    let unknown = || {
        Usage::new(
            "cannot tell where the models folder is",
            "name it with --models, or set HOME",
        )
    };
    match given {
        Some(folder) => Ok(folder.to_owned()),
        None => Ok(xdg(&env_path, "XDG_CACHE_HOME", ".cache")
            .ok_or_else(unknown)?
            .join("gyre/models")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Verb};
    use clap::Parser as _;

    #[test]
    fn what_the_help_says_of_the_engine_is_so() {
        let of = |arguments: &[&str]| match Cli::parse_from(arguments).verb {
            Verb::Up(args) => args.engine.config(Path::new("w"), Path::new("m")),
            _ => panic!("not up"),
        };
        let config = of(&["gyre", "up"]);
        assert_eq!(
            (config.context_tokens_max, config.sequences_max, config.threads),
            (4096, 8, None)
        );
        let config = of(&[
            "gyre",
            "up",
            "--context",
            "512",
            "--parallel",
            "2",
            "--threads",
            "3",
        ]);
        assert_eq!(
            (config.context_tokens_max, config.sequences_max, config.threads),
            (512, 2, Some(3))
        );
    }
}
