//! Puts `gyre` and its worker where cargo puts programs, and shells beside them.

use crate::process;
use crate::repository::{GUEST_TARGET, GUEST_TARGET_FOLDER, Repository, cargo_bin};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// Where `gyre new` looks for shells, from the folder of the programs.
const SHELLS: &str = "../share/gyre/shells";

/// Installs both programs and returns the path of `gyre`.
pub(super) fn run(repository: &Repository) -> Result<PathBuf> {
    let built = repository.native_built();
    let bin = cargo_bin()?;
    std::fs::create_dir_all(&bin).with_context(|| format!("cannot make {}", bin.display()))?;
    // The worker first: `gyre` must never find an older one beside it.
    for program in ["gyre-engine", "gyre"] {
        let installed = bin.join(program);
        if replace(&built.join(program), &installed)? {
            println!("up: installed {}", installed.display());
        }
    }
    shells(repository, &bin.join(SHELLS))?;
    if process::find("gyre").is_none() {
        eprintln!(
            "hint: {} is not on PATH; add it to call `gyre` by name",
            bin.display()
        );
    }
    Ok(bin.join("gyre"))
}

/// Installs what `gyre new` puts into applications: shells that serve a leaf.
fn shells(repository: &Repository, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let built = repository
        .path(GUEST_TARGET_FOLDER)
        .join(GUEST_TARGET)
        .join("debug");
    for shell in ["mcp_server.wasm", "model.wasm"] {
        replace(&built.join(shell), &folder.join(shell))?;
    }
    Ok(())
}

/// Replaces a file in one step, so that a running one keeps its file; false when it is the same already.
fn replace(built: &Path, installed: &Path) -> Result<bool> {
    if same(built, installed) {
        return Ok(false);
    }
    let fresh = installed.with_extension(format!("{}.new", std::process::id()));
    std::fs::copy(built, &fresh)
        .and_then(|_| std::fs::rename(&fresh, installed))
        .with_context(|| {
            format!(
                "cannot install {}\nhint: CARGO_INSTALL_ROOT names another folder",
                installed.display()
            )
        })?;
    Ok(true)
}

/// Whether the installed file is a copy of this build: same length, and made after it.
fn same(built: &Path, installed: &Path) -> bool {
    let (Ok(built), Ok(installed)) = (built.metadata(), installed.metadata()) else {
        return false;
    };
    let newer = match (built.modified(), installed.modified()) {
        (Ok(built), Ok(installed)) => installed >= built,
        _ => false,
    };
    newer && built.len() == installed.len()
}

#[cfg(test)]
mod tests {
    use super::replace;

    #[test]
    fn replaces_once() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (built, installed) = (folder.path().join("built"), folder.path().join("installed"));
        std::fs::write(&built, "one").expect("a build");
        assert!(replace(&built, &installed).expect("first"));
        assert!(!replace(&built, &installed).expect("again"));
        std::fs::write(&built, "another").expect("a new build");
        assert!(replace(&built, &installed).expect("changed"));
        assert_eq!(
            std::fs::read_to_string(&installed).expect("the program"),
            "another"
        );
        assert_eq!(
            std::fs::read_dir(folder.path()).expect("a folder").count(),
            2,
            "no part is left behind"
        );
    }

    #[test]
    fn a_missing_build_is_an_error() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        assert!(replace(&folder.path().join("built"), &folder.path().join("installed")).is_err());
    }
}
