//! What models are told of each tool is a contract: its golden file; `GYRE_BLESS=1` writes the files anew.

use anyhow::{Context, Result, ensure};
use gyre_contracts::{Golden, components};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;

const CURE: &str = "hint: run `cargo xtask build`, and `cargo xtask test` also freezes what only tests use";

const GOLDEN: Golden = Golden {
    folder: "tools",
    extension: "json",
};

/// The tool leaves.
fn ids() -> Result<BTreeSet<String>> {
    let mut ids = components::ids()?;
    ids.retain(|id| id.starts_with("tool-"));
    ensure!(ids.len() >= 3, "too few tools: {ids:?}");
    Ok(ids)
}

fn frozen(id: &str) -> Result<Value> {
    let file = components::folder().join(format!("target/tools/{id}.json"));
    let bytes = std::fs::read(&file).with_context(|| format!("no {}; {CURE}", file.display()))?;
    serde_json::from_slice(&bytes).with_context(|| format!("{} is not JSON; {CURE}", file.display()))
}

#[test]
fn frozen_tools_are_of_the_leaves_that_are_built() -> Result<()> {
    for id in ids()? {
        let wasm = std::fs::read(components::built(&id)?).with_context(|| format!("cannot read {id}"))?;
        let digest: String = Sha256::digest(wasm)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let frozen = frozen(&id)?;
        ensure!(
            frozen["digest"] == format!("sha256:{digest}"),
            "{id}: what is frozen is stale; {CURE}"
        );
        ensure!(frozen["component"] == id.as_str(), "{id}: {frozen}");
    }
    Ok(())
}

#[test]
fn models_are_told_what_the_golden_files_say() -> Result<()> {
    GOLDEN.check(&ids()?, |id| Ok(format!("{:#}\n", frozen(id)?["tools"])))
}

#[test]
fn golden_files_have_their_tools() -> Result<()> {
    GOLDEN.is_only_of(&ids()?)
}
