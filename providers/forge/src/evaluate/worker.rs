//! A worker that has one model.

use std::path::{Path, PathBuf};

use gyre_engine_ipc::{ChatStream, Engine, EngineConfig, EngineError};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::EvaluateError;

/// Names the worker's program where it is not beside this one.
pub const PROGRAM_VARIABLE: &str = "GYRE_FORGE_WORKER";
const PROGRAM: &str = "gyre-engine";
/// Who asks.
const TENANT: &str = "forge";

/// How the worker is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkerOptions {
    /// Examples that are answered at a time.
    pub sequences_max: u32,
    /// Tokens of a prompt and its answer.
    pub context_tokens_max: u32,
}

/// The worker's program: what is named, or what is beside this program.
pub fn program(named: Option<&Path>) -> Result<PathBuf, EvaluateError> {
    let beside = || {
        let own = std::env::current_exe().unwrap_or_default();
        // Tests lie a folder deeper than programs.
        let folder = own.parent().map(|folder| match folder.ends_with("deps") {
            true => folder.parent().unwrap_or(folder),
            false => folder,
        });
        folder.unwrap_or(Path::new(".")).join(PROGRAM)
    };
    let path = named
        .map(Path::to_owned)
        .or_else(|| std::env::var_os(PROGRAM_VARIABLE).map(PathBuf::from))
        .unwrap_or_else(beside);
    match path.is_file() {
        true => Ok(path),
        false => Err(EvaluateError::NoWorker { path }),
    }
}

/// A worker process with a model that is loaded.
pub struct Worker {
    engine: Engine,
    model: String,
}

impl Worker {
    /// Starts the worker and loads this file. Must be called within a Tokio runtime.
    pub async fn start(program: &Path, file: &Path, options: WorkerOptions) -> Result<Self, EvaluateError> {
        let no_model = || EvaluateError::NoModel {
            path: file.to_owned(),
        };
        let model = file
            .file_stem()
            .and_then(|stem| stem.to_str())
            .ok_or_else(no_model)?;
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut config = EngineConfig::new(program, folder.unwrap_or(Path::new(".")));
        config.models = vec![(model.to_owned(), file.to_owned())];
        config.sequences_max = options.sequences_max;
        config.context_tokens_max = options.context_tokens_max;
        let worker = Self {
            engine: Engine::start(config),
            model: model.to_owned(),
        };
        match worker.engine.load(model, |_| {}).await {
            Ok(()) => Ok(worker),
            Err(source) => {
                worker.engine.shutdown().await;
                Err(worker.failed(source))
            }
        }
    }

    /// The model's name.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Begins an answer.
    pub async fn ask(&self, request: &Value) -> Result<ChatStream, EngineError> {
        let bytes = request.to_string().into_bytes();
        self.engine.chat(&self.model, TENANT, bytes).await
    }

    /// A failure of this worker, told with its model.
    pub(super) fn failed(&self, source: EngineError) -> EvaluateError {
        EvaluateError::Engine {
            model: self.model.clone(),
            source,
        }
    }

    /// Ends the worker and waits until it is gone.
    pub async fn end(self) {
        self.engine.shutdown().await;
    }
}
