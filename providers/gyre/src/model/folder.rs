//! Where a model is in the models folder, or would be.

use super::error::Error;
use gyre_gguf::folder::{files, is_name, name_of, path_of};
use std::path::{Path, PathBuf};

/// Where a model of this name is, or would be.
pub(super) fn place(folder: &Path, name: &str) -> Result<PathBuf, Error> {
    if !is_name(name) {
        return Err(Error::BadName(name.to_owned()));
    }
    Ok(path_of(folder, name))
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
