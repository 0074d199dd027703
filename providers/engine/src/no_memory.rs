//! What is said when memory does not suffice.

use gyre_engine_ipc::EngineError;

use crate::args::Args;

/// A context could not be made. llama.cpp checks its parameters before, so what is left is memory.
pub(crate) fn for_context(args: &Args, model: &str, error: &impl std::fmt::Display) -> EngineError {
    tracing::error!(model, %error, "no context can be made");
    let limit = args
        .data_bytes_max
        .map(|bytes| format!(" within the {bytes} bytes it may take"))
        .unwrap_or_default();
    EngineError::NoMemory {
        message: format!("the engine has no room for the context of the model {model}{limit}"),
    }
}

/// What else a file that cannot be loaded may lack, when memory is bounded.
pub(crate) fn for_loading(args: &Args) -> String {
    args.data_bytes_max
        .map(|bytes| format!("; or the {bytes} bytes that the worker may take are too few for it"))
        .unwrap_or_default()
}
