//! A models folder: `<name>.gguf` each.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Bytes of a model's name at most.
pub const NAME_BYTES_MAX: usize = 128;
/// Files looked at.
const FILES_MAX: usize = 256;
const EXTENSION: &str = "gguf";

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

/// The `.gguf` files of the folder, in the order of their paths.
pub fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == EXTENSION) && files.len() < FILES_MAX {
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
}
