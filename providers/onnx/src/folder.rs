//! A models folder: `<name>.onnx` each, and `<name>.tokenizer.json` beside those that read text.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Files looked at.
const FILES_MAX: usize = 256;
const EXTENSION: &str = "onnx";

/// Where the graph of this name is, or would be.
#[must_use]
pub fn path_of(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.{EXTENSION}"))
}

/// Where the tokenizer of the graph at `path` is, or would be.
#[must_use]
pub fn tokenizer_of(path: &Path) -> PathBuf {
    path.with_extension("tokenizer.json")
}

/// Whether a file is a graph by its name.
#[must_use]
pub fn is_onnx(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == EXTENSION)
}

/// The `.onnx` files of the folder, in the order of their paths.
pub fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if is_onnx(&path) && files.len() < FILES_MAX {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
