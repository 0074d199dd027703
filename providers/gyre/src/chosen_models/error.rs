//! Why a model given on the command line cannot be used, each with its cure.

use super::size::Size;
use crate::exit::Exit;
use gyre_engine_ipc::EngineError;
use gyre_gguf::GgufError;
use std::path::{Path, PathBuf};

/// Why a model cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ModelError {
    /// No such file.
    #[error("there is no model file {}; hint: check the path, or name a model of the models folder without .gguf", path.display())]
    NoFile {
        /// What was given.
        path: PathBuf,
    },
    /// No such model in the models folder.
    #[error("there is no model `{name}` in {}{}; hint: put {name}.gguf there, or give the path of a GGUF file", folder.display(), known(there))]
    Unknown {
        /// What was given.
        name: String,
        /// The models folder.
        folder: PathBuf,
        /// The chat models that are in it.
        there: Vec<String>,
    },
    /// The file is no sound GGUF.
    #[error("the model file {} cannot be used; hint: {}", path.display(), broken_cure(source))]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: GgufError,
    },
    /// It is one part of several.
    #[error(
        "{} is one of {parts} parts of a model; hint: join them into one file first, with `llama-gguf-split --merge`",
        path.display()
    )]
    Part {
        /// The file.
        path: PathBuf,
        /// How many parts there are.
        parts: u64,
    },
    /// It completes text, not conversations.
    #[error(
        "{} has no chat template: it is a base model, which cannot answer; hint: use its instruct or chat variant",
        path.display()
    )]
    Base {
        /// The file.
        path: PathBuf,
    },
    /// It is made for something else.
    #[error(
        "{} {does} and cannot answer; hint: give a chat model with --model (embeddings and graphs: put the file into the \
         models folder and grant it with ai_models; --variable embedding_model=NAME names the one of the documents)",
        path.display()
    )]
    NoChat {
        /// The file.
        path: PathBuf,
        /// What it does.
        does: &'static str,
    },
    /// It cannot write ahead for a model.
    #[error(
        "{} cannot write ahead for the model `{model}`: {why}; hint: a draft has the vocabulary of its model, token by \
         token: take a smaller model of the same family, or leave --draft out",
        path.display()
    )]
    DraftUnfit {
        /// The file of the draft.
        path: PathBuf,
        /// The model.
        model: String,
        /// What is in the way.
        why: String,
    },
    /// Two of the models given have one name.
    #[error("two models are named `{name}`: {} and {}; hint: give each file once, or rename one", one.display(), other.display())]
    SameName {
        /// The name.
        name: String,
        /// A file.
        one: PathBuf,
        /// Another, or the same.
        other: PathBuf,
    },
    /// The models folder has another model of this name.
    #[error(
        "{} would be named `{name}`, as {} is already; hint: rename one of the files, or use that one with --model {name}",
        path.display(), folder_path.display()
    )]
    NameTaken {
        /// The name.
        name: String,
        /// What was given.
        path: PathBuf,
        /// The file of the models folder.
        folder_path: PathBuf,
    },
    /// There is not enough memory.
    #[error(
        "{what} needs about {needed}, {free} are free; hint: use a smaller quantisation, or less context with \
         --context N (now {context}) or --parallel N (now {parallel})"
    )]
    Memory {
        /// The model or models.
        what: String,
        /// What they need.
        needed: Size,
        /// What there is.
        free: Size,
        /// Tokens of each conversation.
        context: u32,
        /// Conversations at once.
        parallel: u32,
    },
    /// No component asks for models of the command line.
    #[error(
        "no component of the manifest may use a model given with --model; hint: write `local_models = true` under \
         [component.<id>.tool.gyre] of the one that runs models"
    )]
    NotGranted,
    /// The worker's executable is missing.
    #[error("no model can run: {} is not there; hint: `cargo xtask build` makes it, `cargo xtask up` installs it", path.display())]
    NoWorker {
        /// Where it should be.
        path: PathBuf,
    },
    /// The worker could not load it.
    #[error(
        "the model `{name}` cannot be loaded: {error}; hint: {}",
        not_loaded_cure(error)
    )]
    NotLoaded {
        /// The model.
        name: String,
        /// What the worker said.
        error: EngineError,
    },
}

impl ModelError {
    /// How the program ends by it.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::NoFile { .. } | Self::Unknown { .. } | Self::Memory { .. } | Self::NoWorker { .. } => {
                Exit::Unavailable
            }
            Self::Broken {
                source: GgufError::Io(_),
                ..
            } => Exit::Unavailable,
            Self::NotLoaded { error, .. } => match error {
                EngineError::ModelInvalid { .. } | EngineError::Invalid { .. } => Exit::Config,
                _ => Exit::Unavailable,
            },
            Self::Broken { .. }
            | Self::Part { .. }
            | Self::Base { .. }
            | Self::NoChat { .. }
            | Self::DraftUnfit { .. }
            | Self::SameName { .. }
            | Self::NameTaken { .. }
            | Self::NotGranted => Exit::Config,
        }
    }

    pub(super) fn broken(path: &Path, source: GgufError) -> Self {
        Self::Broken {
            path: path.to_owned(),
            source,
        }
    }
}

fn not_loaded_cure(error: &EngineError) -> String {
    match error {
        // A server that does not run yet has no call to repeat.
        EngineError::WorkerDied { .. } => {
            "the log above may say why; try a smaller model or less --context, and `cargo xtask build` if gyre-engine is \
             older than gyre"
                .to_owned()
        }
        error => error.hint(),
    }
}

fn known(there: &[String]) -> String {
    if there.is_empty() {
        return " (no chat model is there)".to_owned();
    }
    format!(" (chat models there: {})", there.join(", "))
}

fn broken_cure(error: &GgufError) -> &'static str {
    match error {
        GgufError::Io(_) => "make it readable for this user",
        GgufError::Truncated { .. } => "fetch it again, the file is not whole",
        GgufError::Malformed(_) | GgufError::Unconvertible(_) => {
            "give a GGUF file of version 3, or fetch it again: it may be the page of an error"
        }
    }
}
