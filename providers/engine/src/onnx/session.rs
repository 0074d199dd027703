//! A graph that is loaded, with bounded threads and memory that goes back after each run.

use gyre_engine_ipc::EngineError;
use ort::ep::CPU;
use ort::session::Session;

use super::catalog::Entry;
use super::library::Library;
use crate::catalog::file_name;

/// Loads the graph of this entry, and the library if this is the first.
pub(super) fn open(library: &Library, entry: &Entry, threads: usize) -> Result<Session, EngineError> {
    let environment = library.environment()?;
    let session = || -> ort::Result<Session> {
        let mut builder = Session::builder(&environment)?
            .with_intra_threads(threads)?
            .with_inter_threads(1)?
            // Threads that wait by spinning would take the core that the host has.
            .with_intra_op_spinning(false)?
            // Sides differ from call to call, so a plan of one call's memory is none for the next.
            .with_memory_pattern(false)?
            // An arena keeps the memory of the largest call for ever.
            .with_execution_providers([CPU::default().with_arena_allocator(false).build()])?;
        builder.commit_from_file(&entry.path)
    };
    let session = session().map_err(|error| {
        tracing::error!(model = entry.info.name, path = %entry.path.display(), %error, "ONNX Runtime cannot load a model");
        EngineError::ModelInvalid {
            file: file_name(&entry.path),
            reason: "ONNX Runtime cannot load it: it may need operators of another release; the log of `gyre up` says \
                     which"
                .to_owned(),
        }
    })?;
    tracing::info!(model = entry.info.name, "a model is loaded");
    Ok(session)
}
