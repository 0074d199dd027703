//! The components of the guest workspace, as they are built.

use anyhow::{Context, Result, ensure};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the guest workspace.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../components")
}

/// The deployable components: folders of the guest workspace that are no library.
pub fn ids() -> Result<BTreeSet<String>> {
    let mut ids = BTreeSet::new();
    for entry in fs::read_dir(folder()).context("no components folder")? {
        let path = entry?.path();
        let id = path
            .file_name()
            .and_then(|name| name.to_str())
            .context("a name that is not UTF-8")?;
        // Fixtures are a workspace of their own.
        if path.join("Cargo.toml").is_file() && id != "fixtures" {
            ids.insert(id.to_owned());
        }
    }
    ensure!(!ids.is_empty(), "there are no components");
    Ok(ids)
}

/// The file that a component is built as.
pub fn built(id: &str) -> Result<PathBuf> {
    let file = folder()
        .join("target/wasm32-wasip2/debug")
        .join(format!("{}.wasm", id.replace('-', "_")));
    ensure!(
        file.is_file(),
        "{} is not there; hint: build it first: `cargo xtask build`, and `cargo xtask test` also builds what only tests use",
        file.display()
    );
    Ok(file)
}
