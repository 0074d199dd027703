//! Every built component has the imports and exports of its golden file; `GYRE_BLESS=1` writes the files anew.

use anyhow::{Result, ensure};
use gyre_contracts::{Contract, Golden, components};

/// The leaf whose work is to call a server: it may ask the host to, which asks the grants of its parent.
const CALLER: &str = "inference-http";
/// What is composed: these may reach no network, not even where their parent may.
const LEAF_PREFIXES: [&str; 4] = ["inference-", "ledger-", "tool-", "vector-"];

const GOLDEN: Golden = Golden {
    folder: "golden",
    extension: "wit",
};

fn built(id: &str) -> Result<Contract> {
    Contract::read(&components::built(id)?)
}

#[test]
fn components_are_as_their_golden_files_say() -> Result<()> {
    GOLDEN.check(&components::ids()?, |id| Ok(built(id)?.print(id)))
}

#[test]
fn golden_files_have_their_components() -> Result<()> {
    GOLDEN.is_only_of(&components::ids()?)
}

#[test]
fn leaves_reach_no_network() -> Result<()> {
    let is_leaf = |id: &String| LEAF_PREFIXES.iter().any(|prefix| id.starts_with(prefix));
    let leaves: Vec<String> = components::ids()?.into_iter().filter(is_leaf).collect();
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
    for id in components::ids()?
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
