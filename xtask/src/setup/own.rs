//! The models that this repository ships, put into the models folder.

use crate::repository::{Repository, models};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// Where they are in the checkout.
const SHIPPED: &str = "providers/engine/models";

/// Makes sure of all of them.
pub(super) fn ensure(repository: &Repository) -> Result<()> {
    let folder = models()?;
    for shipped in files(&repository.path(SHIPPED))? {
        match put(&shipped, &folder)? {
            Put::WasThere => {}
            Put::Now(path) => println!("setup: {} is there", path.display()),
            // What has a name keeps its bytes: another version of ours has another name, so this file is somebody's.
            Put::Differs(path) => {
                eprintln!("setup: {} is not the one of this checkout", path.display());
                eprintln!("hint: rename it, and `cargo xtask setup` puts ours there");
            }
        }
    }
    Ok(())
}

#[derive(Debug, PartialEq)]
enum Put {
    WasThere,
    Now(PathBuf),
    Differs(PathBuf),
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "gguf") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn put(shipped: &Path, folder: &Path) -> Result<Put> {
    let name = shipped.file_name().context("a file without a name")?;
    let path = folder.join(name);
    let bytes = std::fs::read(shipped).with_context(|| format!("cannot read {}", shipped.display()))?;
    if path.is_file() {
        let there = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        return Ok(match there == bytes {
            true => Put::WasThere,
            false => Put::Differs(path),
        });
    }
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    // A name that no program takes for a model, until the file is whole.
    let part = path.with_extension(format!("gguf.{}.part", std::process::id()));
    std::fs::write(&part, bytes)
        .and_then(|()| std::fs::rename(&part, &path))
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(Put::Now(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_model_is_put_once_and_nobodys_file_is_lost() {
        let folder = tempfile::tempdir().expect("a folder");
        let (shipped, models) = (folder.path().join("shipped"), folder.path().join("models"));
        fs::create_dir(&shipped).expect("a folder");
        fs::write(shipped.join("m-1.gguf"), "ours").expect("a file");
        fs::write(shipped.join("README.md"), "no model").expect("a file");
        let found = files(&shipped).expect("reads");
        assert_eq!(found, [shipped.join("m-1.gguf")]);
        let put = || put(&found[0], &models).expect("puts");
        let path = models.join("m-1.gguf");
        assert_eq!(put(), Put::Now(path.clone()));
        assert_eq!(fs::read(&path).expect("is there"), b"ours");
        assert_eq!(put(), Put::WasThere);
        fs::write(&path, "theirs").expect("writes");
        assert_eq!(put(), Put::Differs(path.clone()));
        assert_eq!(fs::read(&path).expect("is there"), b"theirs");
        assert_eq!(fs::read_dir(&models).expect("reads").count(), 1);
    }
}
