//! What reviews forget. Each check is a pure function from the checkout's files to findings.

mod components;
mod dependencies;
mod documents;
mod floor;
mod leaves;
mod licence;
mod sources;
mod wiring;
mod wit_packages;

use crate::repository::Repository;
use crate::{exit, process, tools};
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// The checkout's text files by relative path: those that git tracks or would track.
pub(crate) type Files = BTreeMap<String, String>;

/// What is wrong, and where.
type Findings = Vec<String>;

/// The verb `tidy`: every check that needs no build, and whether frozen tools are of the build that is there.
pub(crate) fn run(repository: &Repository) -> Result<u8> {
    let files = check(repository);
    // Each reports all it finds. Tests build first, so to them nothing is stale: `tests/contracts` makes sure.
    let frozen = report(&tools::stale(repository)?);
    check_dependencies(repository)?;
    frozen?;
    files?;
    println!("tidy: ok");
    Ok(exit::OK)
}

/// Checks the files of the checkout.
pub(crate) fn check(repository: &Repository) -> Result<()> {
    let files = read(&repository.root)?;
    let wiring = wiring::Wiring::parse(files.get("spin.toml").map_or("", String::as_str))?;
    let mut findings = components::check(&files, &wiring);
    findings.extend(wiring.check());
    findings.extend(leaves::check_worlds(&files, &wiring));
    findings.extend(wit_packages::check(&files));
    findings.extend(documents::check(&files, |path| repository.path(path).exists()));
    findings.extend(sources::check(&files));
    findings.extend(floor::check(&files));
    report(&findings)
}

/// Refuses a wasmtime with a critical advisory; cheap enough for every build.
pub(crate) fn check_floor(repository: &Repository) -> Result<()> {
    report(&floor::check(&read(&repository.root)?))
}

/// Checks where dependencies come from, and every licence.
pub(crate) fn check_dependencies(repository: &Repository) -> Result<()> {
    let allowed = dependencies::allowed_licences(&std::fs::read_to_string(repository.path("deny.toml"))?)?;
    let mut findings = Findings::new();
    for manifest in ["Cargo.toml", "components/Cargo.toml"] {
        let mut cargo = repository.cargo();
        cargo.args([
            "metadata",
            "--format-version",
            "1",
            "--all-features",
            "--manifest-path",
            manifest,
        ]);
        let metadata = process::output(&mut cargo)?;
        findings.extend(dependencies::check(&serde_json::from_slice(&metadata)?, &allowed));
    }
    report(&findings)
}

/// Checks the built leaves.
pub(crate) fn check_leaves(repository: &Repository) -> Result<()> {
    let manifest = std::fs::read_to_string(repository.path("spin.toml")).context("cannot read spin.toml")?;
    let wiring = wiring::Wiring::parse(&manifest)?;
    let mut findings = Findings::new();
    for path in &wiring.leaves {
        let wasm =
            std::fs::read(repository.path(path)).with_context(|| format!("leaf {path} is not built"))?;
        findings.extend(leaves::check_binary(path, &wasm));
    }
    report(&findings)
}

fn report(findings: &Findings) -> Result<()> {
    for finding in findings {
        eprintln!("tidy: {finding}");
    }
    match findings.len() {
        0 => Ok(()),
        count => bail!("{count} untidy"),
    }
}

fn read(root: &Path) -> Result<Files> {
    let mut git = Command::new("git");
    git.current_dir(root)
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let names = String::from_utf8(process::output(&mut git)?).context("a file name is not UTF-8")?;
    let mut files = Files::new();
    for name in names.split('\0').filter(|name| !name.is_empty()) {
        // Binary files, and files deleted but still in the index, are none of our business.
        if let Ok(text) = std::fs::read_to_string(root.join(name)) {
            files.insert(name.to_owned(), text);
        }
    }
    Ok(files)
}

#[cfg(test)]
fn files(entries: &[(&str, &str)]) -> Files {
    entries
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect()
}
