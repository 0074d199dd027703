//! The files of a component, put into a folder of its own.

use crate::Error;
use crate::blobs::Blobs;
use crate::locked::{Content, File};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::path::{Component, Path, PathBuf};

/// Files of one component.
const FILES_MAX: usize = 100_000;

/// Puts what was pushed at `path`: as a link to the cache where that is possible, for it is never written to.
pub(crate) fn place(content: &Content, blobs: &Blobs, path: &Path, reference: &str) -> Result<(), Error> {
    let failed = |source| Error::Cache {
        what: "write",
        path: path.to_owned(),
        source,
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let no_content = |what: &str| Error::NotAnApplication {
        reference: reference.to_owned(),
        why: format!(
            "{what}: {}",
            path.file_name().unwrap_or_default().to_string_lossy()
        ),
    };
    if let Some(inline) = &content.inline {
        let bytes = STANDARD
            .decode(inline)
            .map_err(|_| no_content("a file is not base64"))?;
        return std::fs::write(path, bytes).map_err(failed);
    }
    let digest = content
        .digest
        .as_deref()
        .ok_or_else(|| no_content("a file has no content"))?;
    let blob = blobs
        .find(digest)
        .ok_or_else(|| no_content("the content of a file was not pushed"))?;
    std::fs::hard_link(&blob, path)
        .or_else(|_| std::fs::copy(&blob, path).map(drop))
        .map_err(failed)
}

/// Puts all files of a component below `folder`.
pub(crate) fn place_all(files: &[File], blobs: &Blobs, folder: &Path, reference: &str) -> Result<(), Error> {
    if files.len() > FILES_MAX {
        return Err(Error::NotAnApplication {
            reference: reference.to_owned(),
            why: format!(
                "a component has {} files, and {FILES_MAX} is the most",
                files.len()
            ),
        });
    }
    for file in files {
        let path = inside(&file.path).ok_or_else(|| Error::NotAnApplication {
            reference: reference.to_owned(),
            why: format!("the path {:?} of a file leads out of its folder", file.path),
        })?;
        place(&file.content, blobs, &folder.join(path), reference)?;
    }
    Ok(())
}

/// A path that stays below the folder it is joined to.
fn inside(path: &str) -> Option<PathBuf> {
    let path = Path::new(path.trim_start_matches('/'));
    let stays = path.components().all(|part| matches!(part, Component::Normal(_)));
    (stays && path.file_name().is_some()).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside() {
        let cases = [
            ("a/b.txt", Some("a/b.txt")),
            ("/a/b.txt", Some("a/b.txt")),
            ("../a", None),
            ("a/../../b", None),
            ("a/./b", Some("a/b")),
            ("", None),
            ("/", None),
        ];
        for (given, expected) in cases {
            assert_eq!(inside(given), expected.map(PathBuf::from), "{given}");
        }
    }
}
