//! The library of ONNX Runtime, loaded with the first model.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use gyre_engine_ipc::EngineError;
use ort::LoadDynamicError;
use ort::environment::Environment;
use ort::logging::LogLevel;

/// The library and, once it is loaded, its environment, of which a process can have one.
pub(super) struct Library {
    path: Option<PathBuf>,
    environment: Mutex<Option<Environment>>,
}

impl Library {
    pub(super) fn new(path: Option<PathBuf>) -> Self {
        Self {
            path,
            environment: Mutex::new(None),
        }
    }

    /// Loads the library unless it is loaded. A failure is not kept: what was installed since is found by the next call.
    pub(super) fn environment(&self) -> Result<Environment, EngineError> {
        let mut environment = self.environment.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(environment) = &*environment {
            return Ok(environment.clone());
        }
        let path = self.path.as_deref();
        let path = path.ok_or_else(|| missing("its library was found nowhere".to_owned()))?;
        let loaded = load(path)?;
        // What fails is told by the error, once, and logged where it is met.
        loaded.set_log_level(LogLevel::Fatal);
        *environment = Some(loaded.clone());
        Ok(loaded)
    }
}

fn load(path: &Path) -> Result<Environment, EngineError> {
    let name = crate::catalog::file_name(path);
    // A path without a folder would be looked for elsewhere.
    if !path.is_absolute() || !path.is_file() {
        tracing::error!(path = %path.display(), "there is no library of ONNX Runtime");
        return Err(missing(format!(
            "there is no file `{name}` where it was said to be"
        )));
    }
    let builder = ort::init_from(path).map_err(|error| {
        tracing::error!(path = %path.display(), %error, "the library of ONNX Runtime cannot be loaded");
        missing(wrong(&name, &error))
    })?;
    let environment = builder.with_name("gyre").with_telemetry(false).build();
    environment.map_err(|error| {
        tracing::error!(%error, "ONNX Runtime cannot be started");
        missing(format!(
            "`{name}` cannot be started; the log of `gyre up` says why"
        ))
    })
}

/// What is wrong with the library, without where it is.
fn wrong(name: &str, error: &LoadDynamicError) -> String {
    match error {
        LoadDynamicError::BadVersion { version_str, .. } => format!(
            "`{name}` is version {version_str}, but 1.{} or later is needed",
            ort::MINOR_VERSION
        ),
        LoadDynamicError::Dlopen { .. } => {
            format!("`{name}` is no library for this machine, or one that it needs is missing")
        }
        _ => format!("`{name}` is not the library of ONNX Runtime"),
    }
}

fn missing(reason: String) -> EngineError {
    EngineError::NoOnnxRuntime { reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_that_is_absent_or_another_is_told_with_the_cure() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = folder.path().join("libonnxruntime.so");
        std::fs::write(&text, "not ELF").expect("writes");
        let cases = [
            (None, "found nowhere"),
            (Some(folder.path().join("none.so")), "no file `none.so`"),
            (Some("libonnxruntime.so".into()), "no file `libonnxruntime.so`"),
            (Some(text), "`libonnxruntime.so` is no library"),
        ];
        for (path, part) in cases {
            let error = Library::new(path).environment().expect_err("is not there");
            assert!(error.to_string().contains(part), "{error}");
            assert!(
                error.hint().contains("pip install onnxruntime"),
                "{}",
                error.hint()
            );
        }
    }
}
