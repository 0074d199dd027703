//! Where a model is in the models folder, or would be.

use super::error::Error;
use gyre_gguf::folder::{files, is_name, name_of, path_of};
use std::io;
use std::path::{Path, PathBuf};

/// Where a model of this name is, or would be.
pub(super) fn place(folder: &Path, name: &str) -> Result<PathBuf, Error> {
    if !is_name(name) {
        return Err(Error::BadName(name.to_owned()));
    }
    Ok(path_of(folder, name))
}

/// The files of the folder that should be models, of either format, in the order of their names.
pub(super) fn all(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut all = files(folder)?;
    all.extend(gyre_onnx::folder::files(folder)?);
    // Of one name GGUF goes first.
    all.sort_by_key(|path| (name_of(path), gyre_onnx::folder::is_onnx(path)));
    Ok(all)
}

/// The file of a model that is there: where there is one of each format, that which the engine uses.
pub(super) fn find(folder: &Path, name: &str) -> Result<PathBuf, Error> {
    let gguf = place(folder, name)?;
    let onnx = gyre_onnx::folder::path_of(folder, name);
    if let Some(path) = [gguf, onnx].into_iter().find(|path| path.is_file()) {
        return Ok(path);
    }
    // A folder that cannot be read has no models.
    let mut there: Vec<String> = all(folder)
        .unwrap_or_default()
        .iter()
        .map(|path| name_of(path))
        .collect();
    there.dedup();
    Err(Error::NotFound {
        name: name.to_owned(),
        folder: folder.to_owned(),
        there,
    })
}

/// Whether what was given is the path of a file, not a name.
pub(super) fn is_path(given: &str) -> bool {
    given.contains('/') || given.ends_with(".gguf") || given.ends_with(".onnx")
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
