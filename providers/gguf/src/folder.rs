//! A models folder: `<name>.gguf` is a model, `<model>.<adapter>.lora.gguf` a LoRA adapter of one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Bytes of a model's name at most.
pub const NAME_BYTES_MAX: usize = 128;
/// Files looked at.
const FILES_MAX: usize = 256;
const EXTENSION: &str = "gguf";
/// How the file of an adapter ends; what is before it names the model and the adapter.
const ADAPTER_END: &str = ".lora.gguf";

/// Whether a model can have this name: one path segment of harmless characters.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !name.is_empty() && name.len() <= NAME_BYTES_MAX && !name.starts_with('.') && name.bytes().all(harmless)
}

/// The name that a file has as a model; [`is_name`] tells whether a model can have it.
#[must_use]
pub fn name_of(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Where the model of this name is, or would be.
#[must_use]
pub fn path_of(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.{EXTENSION}"))
}

/// The files of the folder that are models, in the order of their paths.
pub fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let is_model = |path: &Path| path.extension().is_some_and(|end| end == EXTENSION) && !is_adapter(path);
    matching(folder, is_model)
}

/// The files of the folder that are adapters, in the order of their paths.
pub fn adapter_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    matching(folder, is_adapter)
}

/// The adapters of a model: their names and files. A name has no dot, so that each file belongs to one model.
pub fn adapters(folder: &Path, model: &str) -> io::Result<Vec<(String, PathBuf)>> {
    let files = adapter_files(folder)?.into_iter();
    let named = files.filter_map(|path| Some((adapter_name(&path, model)?, path)));
    Ok(named.collect())
}

/// Whether a file that a model of this name would have is an adapter's.
#[must_use]
pub fn is_adapter(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().ends_with(ADAPTER_END)
}

fn adapter_name(path: &Path, model: &str) -> Option<String> {
    let name = path.file_name()?.to_str()?.strip_suffix(ADAPTER_END)?;
    let name = name.strip_prefix(model)?.strip_prefix('.')?;
    (is_name(name) && !name.contains('.')).then(|| name.to_owned())
}

fn matching(folder: &Path, wanted: impl Fn(&Path) -> bool) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if wanted(&path) && files.len() < FILES_MAX {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_harmless_segment() {
        for name in ["all-minilm-l6-v2", "Qwen3.0_6B", &"x".repeat(128)] {
            assert!(is_name(name), "{name}");
        }
        for name in [
            "",
            ".hidden",
            "../etc/passwd",
            "a/b",
            "a\\b",
            "a\0b",
            "a b",
            "ä",
            &"x".repeat(129),
        ] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn only_gguf_files_are_models() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["b.gguf", "a.gguf", ".gguf", "c.txt", "gguf"] {
            fs::write(folder.path().join(name), "x").expect("writes");
        }
        let names: Vec<_> = files(folder.path())
            .expect("reads")
            .iter()
            .map(|path| name_of(path))
            .collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(path_of(folder.path(), "a"), folder.path().join("a.gguf"));
        assert!(files(&folder.path().join("none")).is_err());
    }

    #[test]
    fn adapters_are_no_models_and_belong_to_one() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in [
            "talk.gguf",
            "talk.poet.lora.gguf",
            "talk.v2.poet.lora.gguf",
            "talk.v2.gguf",
            "talk.lora.gguf",
            ".lora.gguf",
            "talkative.poet.lora.gguf",
        ] {
            fs::write(folder.path().join(name), "x").expect("writes");
        }
        let models: Vec<_> = files(folder.path()).expect("reads");
        let models: Vec<_> = models.iter().map(|path| name_of(path)).collect();
        assert_eq!(models, ["talk", "talk.v2"]);
        let of = |model: &str| -> Vec<String> {
            let adapters = adapters(folder.path(), model).expect("reads");
            adapters.into_iter().map(|(name, _)| name).collect()
        };
        assert_eq!(of("talk"), ["poet"]);
        assert_eq!(of("talk.v2"), ["poet"]);
        assert_eq!(of("other"), [""; 0]);
        assert_eq!(adapter_files(folder.path()).expect("reads").len(), 5);
    }
}
