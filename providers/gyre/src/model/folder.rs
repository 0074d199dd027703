//! The models folder: `<name>.gguf` each.

use super::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// Files looked at.
const FILES_MAX: usize = 256;
const NAME_BYTES_MAX: usize = 128;
const EXTENSION: &str = "gguf";

/// The `.gguf` files of the folder, by name.
pub(crate) fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
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

/// The name that a file has as a model.
pub(super) fn name_of(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Whether the engine would take the name: one path segment of harmless characters.
pub(super) fn is_name(name: &str) -> bool {
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !name.is_empty() && name.len() <= NAME_BYTES_MAX && !name.starts_with('.') && name.bytes().all(harmless)
}

/// Where a model of this name is, or would be.
pub(super) fn place(folder: &Path, name: &str) -> Result<PathBuf, Error> {
    if !is_name(name) {
        return Err(Error::BadName(name.to_owned()));
    }
    Ok(folder.join(format!("{name}.{EXTENSION}")))
}

/// The file of a model that is there.
pub(super) fn find(folder: &Path, name: &str) -> Result<PathBuf, Error> {
    let path = place(folder, name)?;
    if path.is_file() {
        return Ok(path);
    }
    // A folder that cannot be read has no models.
    let there = files(folder).unwrap_or_default();
    Err(Error::NotFound {
        name: name.to_owned(),
        folder: folder.to_owned(),
        there: there.iter().map(|path| name_of(path)).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_in_the_folder() {
        for good in ["a", "Qwen2.5-0.5b_q4", &"a".repeat(128)] {
            assert!(place(Path::new("m"), good).is_ok(), "{good}");
        }
        for bad in ["", ".a", "..", "a/b", "../a", "a b", "ä", &"a".repeat(129)] {
            assert!(
                matches!(place(Path::new("m"), bad), Err(Error::BadName(_))),
                "{bad}"
            );
        }
    }
}
