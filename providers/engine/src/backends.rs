//! Backends that are files: one worker binary for machines with and without graphics processors, where it was built with
//! the feature `dynamic-backends`. See `docs/gpu.md`.

use std::path::PathBuf;

use anyhow::Result;

const FOLDER: &str = "backends";

/// Where they lie: beside the worker, or where a build that was not installed has left them.
pub(crate) fn folder() -> Option<PathBuf> {
    let beside = std::env::current_exe().ok()?.with_file_name(FOLDER);
    if beside.is_dir() { Some(beside) } else { built() }
}

#[cfg(feature = "dynamic-backends")]
fn built() -> Option<PathBuf> {
    llama_cpp_sys_2::BACKENDS_DIR
        .map(PathBuf::from)
        .filter(|it| it.is_dir())
}

#[cfg(not(feature = "dynamic-backends"))]
fn built() -> Option<PathBuf> {
    None
}

/// Loads them. Must come before llama.cpp is initialised.
#[cfg(feature = "dynamic-backends")]
pub(crate) fn load() -> Result<()> {
    use anyhow::{Context, ensure};

    let hint = "hint: put the folder `backends` of the build beside gyre-engine (docs/gpu.md)";
    let folder = folder().with_context(|| format!("there are no backends to compute with; {hint}"))?;
    let shown = folder.display();
    ensure!(
        folder.to_str().is_some(),
        "no backend is loaded: the name of the folder {shown} is not UTF-8"
    );
    llama_cpp_2::llama_backend::load_backends_from_path(&folder);
    ensure!(
        !llama_cpp_2::list_llama_ggml_backend_devices().is_empty(),
        "no backend in {shown} fits this machine; {hint}"
    );
    Ok(())
}

/// A worker built without the feature has its backends in itself.
#[cfg(not(feature = "dynamic-backends"))]
pub(crate) fn load() -> Result<()> {
    if let Some(folder) = folder() {
        tracing::warn!(
            folder = %folder.display(),
            "these backends are not loaded; hint: build the worker with `--features dynamic-backends`"
        );
    }
    Ok(())
}
