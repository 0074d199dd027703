//! Why a call of the engine failed. Texts are public: no prompt, secret or path is in them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::wire::BudgetKind;

/// How long a worker that died takes to come back, about.
const WORKER_BACK_MS: u64 = 1_000;

/// Why a call failed; each kind has a cure, see [`EngineError::hint`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum EngineError {
    /// No such model in the models folder.
    #[error("there is no model `{model}` in the models folder{}", known(.available))]
    ModelNotFound {
        /// The name asked for.
        model: String,
        /// The names there are.
        available: Vec<String>,
    },
    /// The model's file cannot be used.
    #[error("the model file `{file}` cannot be used: {reason}")]
    ModelInvalid {
        /// File name within the models folder.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The model has no such adapter.
    #[error("the model `{model}` has no adapter `{adapter}`{}", known_adapters(.available))]
    AdapterNotFound {
        /// The model.
        model: String,
        /// The name asked for.
        adapter: String,
        /// The names there are.
        available: Vec<String>,
    },
    /// The model does not fit into the memory that models may take.
    #[error(
        "the model `{model}` needs {} of memory: models may take {}, and those at work hold {}",
        Mib(.need_bytes), Mib(.limit_bytes), Mib(.held_bytes)
    )]
    OutOfMemory {
        /// The model.
        model: String,
        /// What it needs, as its header tells.
        need_bytes: u64,
        /// What all models may take.
        limit_bytes: u64,
        /// What models hold that cannot make room now.
        held_bytes: u64,
    },
    /// As many models are loaded as may be, and all are at work.
    #[error("the model `{model}` cannot be loaded: {models_max} models are at work already")]
    TooManyModels {
        /// The model.
        model: String,
        /// How many may be loaded.
        models_max: usize,
    },
    /// The library that runs ONNX models is not there or cannot be used.
    #[error("no ONNX Runtime: {reason}")]
    NoOnnxRuntime {
        /// What is known of it.
        reason: String,
    },
    /// The prompt and its completion do not fit the context.
    #[error("the prompt asks for {requested_tokens} tokens but the context has {limit_tokens}")]
    ContextTooLong {
        /// Tokens that fit.
        limit_tokens: u32,
        /// Tokens asked for.
        requested_tokens: u32,
    },
    /// Too many calls wait already.
    #[error("the engine is busy: its queue is full")]
    Overloaded {
        /// When to try again.
        retry_after_ms: u64,
    },
    /// A budget of the request was used up before there was anything of an answer.
    #[error("the budget `{}` of the request is used up before the answer begins", .budget.field())]
    BudgetExhausted {
        /// Which.
        budget: BudgetKind,
    },
    /// A deadline ended the call.
    #[error("the deadline of the call passed")]
    DeadlineExceeded,
    /// The caller went away.
    #[error("the call was cancelled")]
    Cancelled,
    /// The request is wrong.
    #[error("{message}")]
    Invalid {
        /// What is wrong and how to mend it.
        message: String,
    },
    /// The worker process ended under the call, or cannot be started.
    #[error("the inference worker is not running: {reason}")]
    WorkerDied {
        /// What is known of its end.
        reason: String,
    },
    /// There is no memory for what was asked.
    #[error("{message}")]
    NoMemory {
        /// What does not fit.
        message: String,
    },
    /// The engine failed.
    #[error("the engine failed: {message}")]
    Internal {
        /// What failed.
        message: String,
    },
}

impl EngineError {
    /// A wrong request; `message` says what is wrong and how to mend it.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid {
            message: message.into(),
        }
    }

    /// A failure inside the engine.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::Internal {
            message: message.into(),
        }
    }

    /// The kind in kebab case, stable: clients may match on it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ModelNotFound { .. } => "model-not-found",
            Self::ModelInvalid { .. } => "model-invalid",
            Self::AdapterNotFound { .. } => "adapter-not-found",
            Self::OutOfMemory { .. } => "out-of-memory",
            Self::TooManyModels { .. } => "too-many-models",
            Self::NoOnnxRuntime { .. } => "no-onnx-runtime",
            Self::ContextTooLong { .. } => "context-too-long",
            Self::Overloaded { .. } => "overloaded",
            Self::BudgetExhausted { .. } => "budget-exhausted",
            Self::DeadlineExceeded => "deadline-exceeded",
            Self::Cancelled => "cancelled",
            Self::Invalid { .. } => "invalid",
            Self::WorkerDied { .. } => "worker-died",
            Self::NoMemory { .. } => "no-memory",
            Self::Internal { .. } => "internal",
        }
    }

    /// When the same call may well succeed; `None` where repeating it as it is leads nowhere.
    pub fn retry_after_ms(&self) -> Option<u64> {
        match self {
            Self::Overloaded { retry_after_ms } => Some(*retry_after_ms),
            Self::WorkerDied { .. } => Some(WORKER_BACK_MS),
            _ => None,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::ModelNotFound { model, .. } => format!(
                "run `cargo xtask setup` for the default models, or put {model}.gguf or {model}.onnx into the models folder"
            ),
            Self::ModelInvalid { file, .. } => {
                format!("fetch {file} again or use another model; `cargo xtask setup` fetches the default models")
            }
            Self::AdapterNotFound { model, adapter, .. } => format!(
                "name an adapter that is there, or put {model}.{adapter}.lora.gguf into the models folder and have the \
                 model loaded again"
            ),
            Self::OutOfMemory { held_bytes: 0, .. } => {
                "use a smaller model, raise --memory-bytes-max or, where it chats, give each conversation less (--context) or \
                 answer fewer at once (--parallel)"
                    .to_owned()
            }
            Self::OutOfMemory { .. } => {
                "try again when models that are at work have ended, unload one (`gyre model unload`), or raise --memory-bytes-max".to_owned()
            }
            Self::TooManyModels { .. } => {
                "try again when models that are at work have ended, or unload one (`gyre model unload`)".to_owned()
            }
            Self::NoOnnxRuntime { .. } => {
                "`cargo xtask setup --onnx` installs it, or `pip install onnxruntime`; one that lies elsewhere is named by \
                 the variable GYRE_ONNXRUNTIME; then start gyre again"
                    .to_owned()
            }
            Self::ContextTooLong { .. } => "shorten the prompt or lower max_tokens".to_owned(),
            Self::Overloaded { retry_after_ms } => format!("try again in {retry_after_ms} ms"),
            Self::BudgetExhausted { budget } => {
                format!("raise {} or ask for less: the prompt counts too", budget.field())
            }
            Self::DeadlineExceeded => "give the call more time or ask for fewer tokens".to_owned(),
            Self::Cancelled => "nothing to do: the caller hung up".to_owned(),
            Self::Invalid { .. } => "mend the request".to_owned(),
            Self::WorkerDied { .. } => {
                "it is started again by itself: repeat the call (safe for embeddings; a completion starts anew); \
                 if it keeps dying, see the log of `gyre up`"
                    .to_owned()
            }
            Self::NoMemory { .. } => {
                "let the worker take more (--memory-bytes-max), or ask for less: fewer conversations at once \
                 (--parallel), shorter ones (--context), a smaller model"
                    .to_owned()
            }
            Self::Internal { .. } => "see the log of `gyre up`".to_owned(),
        }
    }
}

/// Bytes for people.
struct Mib<'a>(&'a u64);

impl fmt::Display for Mib<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Rounded up: what needs a little is not said to need nothing.
        write!(f, "{} MiB", self.0.div_ceil(1024 * 1024))
    }
}

fn known_adapters(available: &[String]) -> String {
    if available.is_empty() {
        return " (it has none)".to_owned();
    }
    format!(" (there are: {})", available.join(", "))
}

fn known(available: &[String]) -> String {
    if available.is_empty() {
        return " (it is empty)".to_owned();
    }
    format!(" (there are: {})", available.join(", "))
}
