//! What can go wrong with an evaluation.

use std::io;
use std::path::PathBuf;

use gyre_engine_ipc::EngineError;

use super::PROGRAM_VARIABLE;

/// Why a model was not measured.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// The worker is not built.
    #[error("the program {path} is not there; build it (`cargo build -p gyre-engine`), or name it with --worker or {variable}", variable = PROGRAM_VARIABLE)]
    NoWorker {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The model's path has no file name.
    #[error("{path} names no model; give the path of a .gguf file")]
    NoModel {
        /// What was given.
        path: PathBuf,
    },
    /// The worker fails, and not for one example only.
    #[error("the model `{model}` cannot be asked: {source}")]
    Engine {
        /// Its name.
        model: String,
        /// Why.
        source: EngineError,
    },
    /// An example cannot be made a request, or an outcome a line.
    #[error("no JSON could be written: {0}")]
    Json(#[from] serde_json::Error),
    /// A file cannot be written.
    #[error("{path} cannot be written ({source}); check the folder and the space left")]
    Write {
        /// Its place.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// No plot could be drawn.
    #[error("the plot {path} cannot be drawn: {what}")]
    Plot {
        /// Its place.
        path: PathBuf,
        /// Why.
        what: String,
    },
    /// There is nothing to measure.
    #[error("there are no examples to measure by; name a file that has some")]
    NoExamples,
}
