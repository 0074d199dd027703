//! Backends that lie beside the worker, in the folder `backends`: one worker binary for machines with and without
//! graphics processors, where it was built with the feature `dynamic-backends`. See `docs/gpu.md`.

use std::path::PathBuf;

const FOLDER: &str = "backends";

/// The folder, where there is one.
pub(crate) fn folder() -> Option<PathBuf> {
    let beside = std::env::current_exe().ok()?.with_file_name(FOLDER);
    beside.is_dir().then_some(beside)
}

/// Loads them. Must come before llama.cpp is initialised.
#[cfg(feature = "dynamic-backends")]
pub(crate) fn load() {
    match folder() {
        Some(folder) if folder.to_str().is_some() => {
            llama_cpp_2::llama_backend::load_backends_from_path(&folder);
        }
        Some(folder) => {
            tracing::error!(folder = %folder.display(), "no backend is loaded: the folder's name is not UTF-8");
        }
        // A build that was not installed has them where it was built.
        None => llama_cpp_2::llama_backend::load_backends(),
    }
}

/// A worker built without the feature has its backends in itself.
#[cfg(not(feature = "dynamic-backends"))]
pub(crate) fn load() {
    if let Some(folder) = folder() {
        tracing::warn!(
            folder = %folder.display(),
            "these backends are not loaded; hint: build the worker with `--features dynamic-backends`"
        );
    }
}
