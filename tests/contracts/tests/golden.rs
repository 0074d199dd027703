//! Every built component has the imports and exports of its golden file; `GYRE_BLESS=1` writes the files anew.

use anyhow::{Context, Result, ensure};
use gyre_contracts::Contract;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const BLESS: &str = "hint: if it is meant, run the test with GYRE_BLESS=1 and review the difference";
/// The leaf whose work is to call a server: it may ask the host to, which asks the grants of its parent.
const CALLER: &str = "inference-http";
/// What is composed: these may reach no network, not even where their parent may.
const LEAF_PREFIXES: [&str; 4] = ["inference-", "ledger-", "tool-", "vector-"];

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")
}

fn components() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../components")
}

/// The deployable components: folders of the guest workspace that are no library.
fn ids() -> Result<BTreeSet<String>> {
    let mut ids = BTreeSet::new();
    for entry in std::fs::read_dir(components()).context("no components folder")? {
        let path = entry?.path();
        let id = path
            .file_name()
            .and_then(|name| name.to_str())
            .context("a name that is not UTF-8")?;
        if path.join("Cargo.toml").is_file() {
            ids.insert(id.to_owned());
        }
    }
    ensure!(!ids.is_empty(), "there are no components");
    Ok(ids)
}

fn built(id: &str) -> Result<Contract> {
    let file = components()
        .join("target/wasm32-wasip2/debug")
        .join(format!("{}.wasm", id.replace('-', "_")));
    ensure!(
        file.is_file(),
        "{} is not there; hint: build it first: `cargo xtask build`, and `cargo xtask test` also builds what only tests use",
        file.display()
    );
    Contract::read(&file)
}

#[test]
fn components_are_as_their_golden_files_say() -> Result<()> {
    let bless = std::env::var_os("GYRE_BLESS").is_some();
    let mut wrong = Vec::new();
    for id in ids()? {
        let file = golden().join(format!("{id}.wit"));
        let printed = built(&id)?.print(&id);
        if bless {
            std::fs::write(&file, &printed).with_context(|| format!("cannot write {}", file.display()))?;
        } else if std::fs::read_to_string(&file).ok().as_deref() != Some(&printed) {
            wrong.push(format!(
                "golden/{id}.wit is missing or differs; the component is now:\n{printed}"
            ));
        }
    }
    ensure!(wrong.is_empty(), "{}\n{BLESS}", wrong.join("\n"));
    Ok(())
}

#[test]
fn golden_files_have_their_components() -> Result<()> {
    let ids = ids()?;
    for entry in std::fs::read_dir(golden()).context("no golden folder")? {
        let path = entry?.path();
        let id = path
            .file_stem()
            .and_then(|name| name.to_str())
            .context("a name that is not UTF-8")?;
        ensure!(
            ids.contains(id),
            "golden/{id}.wit is of no component; hint: remove it"
        );
    }
    Ok(())
}

#[test]
fn leaves_reach_no_network() -> Result<()> {
    let is_leaf = |id: &String| LEAF_PREFIXES.iter().any(|prefix| id.starts_with(prefix));
    let leaves: Vec<String> = ids()?.into_iter().filter(is_leaf).collect();
    ensure!(leaves.len() >= 4, "too few leaves: {leaves:?}");
    for id in leaves {
        let contract = built(&id)?;
        let http = |name: &str| name.starts_with("wasi:http/") && id != CALLER;
        let forbidden = |name: &&String| http(name) || name.starts_with("wasi:sockets/");
        let found: Vec<&String> = contract.imports.iter().filter(forbidden).collect();
        ensure!(found.is_empty(), "{id} is a leaf and imports {found:?}");
        ensure!(
            contract.exports.iter().all(|name| name.starts_with("gyre:")),
            "{id}: {:?}",
            contract.exports
        );
    }
    Ok(())
}

#[test]
fn services_export_http_and_no_port() -> Result<()> {
    for id in ids()?
        .into_iter()
        .filter(|id| !LEAF_PREFIXES.iter().any(|prefix| id.starts_with(prefix)))
    {
        let exports = built(&id)?.exports;
        ensure!(
            exports.iter().any(|name| name.starts_with("wasi:http/handler@")),
            "{id}: {exports:?}"
        );
        ensure!(
            !exports.iter().any(|name| name.starts_with("gyre:")),
            "{id}: {exports:?}"
        );
    }
    Ok(())
}
