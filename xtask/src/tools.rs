//! Frozen tools: what each tool leaf says of itself is written down after every build, with the digest of the leaf.

use crate::process;
use crate::repository::{GUEST_TARGET, GUEST_TARGET_FOLDER, Repository, TEST_ONLY};
use anyhow::{Context, Result, bail};
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Which tools to freeze.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Tools {
    /// Those that the application may use.
    Shipped,
    /// Those that only tests use, too.
    All,
}

/// Freezes the built tools by the built host.
pub(crate) fn freeze(repository: &Repository, which: Tools) -> Result<()> {
    let names = names(&repository.path("components"))?;
    let wanted = |name: &&String| which == Tools::All || !TEST_ONLY.contains(&name.as_str());
    let mut gyre = Command::new(repository.native_built().join("gyre"));
    gyre.args(["tool", "freeze", "--out"]).arg(folder(repository));
    gyre.args(names.iter().filter(wanted).map(|name| wasm(repository, name)));
    process::run(&mut gyre)
}

/// What is stale: frozen files whose leaf on disk is another by now. What is not built is not stale.
pub(crate) fn stale(repository: &Repository) -> Result<Vec<String>> {
    let mut stale = Vec::new();
    for name in names(&repository.path("components"))? {
        let frozen = folder(repository).join(format!("{name}.json"));
        if let (Ok(frozen), Ok(wasm)) = (std::fs::read(&frozen), std::fs::read(wasm(repository, &name)))
            && !is_of(&frozen, &wasm)
        {
            stale.push(format!(
                "{name}: its frozen file is of another build of it; hint: run `cargo xtask build`"
            ));
        }
    }
    Ok(stale)
}

fn is_of(frozen: &[u8], wasm: &[u8]) -> bool {
    let digest: String = Sha256::digest(wasm)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let frozen: serde_json::Value = serde_json::from_slice(frozen).unwrap_or_default();
    frozen["digest"] == format!("sha256:{digest}")
}

/// The tool leaves: folders of components/ that are called `tool-<name>`.
fn names(components: &Path) -> Result<Vec<String>> {
    let entries = std::fs::read_dir(components).context("no components folder")?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("tool-") && entry.path().join("Cargo.toml").is_file() {
            names.push(name);
        }
    }
    if names.is_empty() {
        bail!("components/ has no tool");
    }
    names.sort();
    Ok(names)
}

fn folder(repository: &Repository) -> PathBuf {
    repository.path(GUEST_TARGET_FOLDER).join("tools")
}

fn wasm(repository: &Repository, name: &str) -> PathBuf {
    let built = repository
        .path(GUEST_TARGET_FOLDER)
        .join(GUEST_TARGET)
        .join("debug");
    built.join(format!("{}.wasm", name.replace('-', "_")))
}

#[cfg(test)]
mod tests {
    use super::{Repository, folder, is_of, names, stale, wasm};

    #[test]
    fn a_frozen_file_is_of_one_build() {
        let frozen =
            br#"{"digest":"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}"#;
        assert!(is_of(frozen, b"abc"));
        assert!(!is_of(frozen, b"abd"));
        assert!(!is_of(b"{", b"abc"));
    }

    #[test]
    fn what_is_stale_is_named() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let repository = Repository {
            root: root.path().to_owned(),
        };
        assert!(names(root.path()).is_err(), "no tool");
        for name in ["tool-a", "tool-b", "model"] {
            let component = root.path().join("components").join(name);
            std::fs::create_dir_all(&component).expect("a folder");
            std::fs::write(component.join("Cargo.toml"), "").expect("a manifest");
        }
        assert!(
            stale(&repository).expect("readable").is_empty(),
            "nothing is built"
        );
        let built = wasm(&repository, "tool-a");
        for folder in [folder(&repository), built.parent().expect("a folder").to_owned()] {
            std::fs::create_dir_all(folder).expect("a folder");
        }
        std::fs::write(built, "abc").expect("a leaf");
        std::fs::write(folder(&repository).join("tool-a.json"), "{}").expect("a frozen file");
        let found = stale(&repository).expect("readable");
        assert!(found.len() == 1 && found[0].starts_with("tool-a: "), "{found:?}");
    }
}
