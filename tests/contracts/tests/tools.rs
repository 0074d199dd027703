//! What models are told of each tool is a contract: its golden file; `GYRE_BLESS=1` writes the files anew.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};

const BLESS: &str = "hint: if it is meant, run the test with GYRE_BLESS=1 and review the difference";
const CURE: &str = "hint: run `cargo xtask build`, and `cargo xtask test` also freezes what only tests use";

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tools")
}

fn components() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../components")
}

/// The tool leaves of the guest workspace.
fn ids() -> Result<Vec<String>> {
    let mut ids = Vec::new();
    for entry in std::fs::read_dir(components()).context("no components folder")? {
        let entry = entry?;
        let id = entry.file_name().to_string_lossy().into_owned();
        if id.starts_with("tool-") && entry.path().join("Cargo.toml").is_file() {
            ids.push(id);
        }
    }
    ensure!(ids.len() >= 3, "too few tools: {ids:?}");
    Ok(ids)
}

fn frozen(id: &str) -> Result<Value> {
    let file = components().join(format!("target/tools/{id}.json"));
    let bytes = std::fs::read(&file).with_context(|| format!("no {}; {CURE}", file.display()))?;
    serde_json::from_slice(&bytes).with_context(|| format!("{} is not JSON; {CURE}", file.display()))
}

#[test]
fn frozen_tools_are_of_the_leaves_that_are_built() -> Result<()> {
    for id in ids()? {
        let wasm = format!("target/wasm32-wasip2/debug/{}.wasm", id.replace('-', "_"));
        let wasm = std::fs::read(components().join(&wasm)).with_context(|| format!("no {wasm}; {CURE}"))?;
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
    let bless = std::env::var_os("GYRE_BLESS").is_some();
    let mut wrong = Vec::new();
    for id in ids()? {
        let file = golden().join(format!("{id}.json"));
        let printed = format!("{:#}\n", frozen(&id)?["tools"]);
        if bless {
            std::fs::create_dir_all(golden()).context("cannot make the folder of golden files")?;
            std::fs::write(&file, &printed).with_context(|| format!("cannot write {}", file.display()))?;
        } else if std::fs::read_to_string(&file).ok().as_deref() != Some(&printed) {
            wrong.push(format!(
                "tools/{id}.json is missing or differs; models are now told:\n{printed}"
            ));
        }
    }
    ensure!(wrong.is_empty(), "{}\n{BLESS}", wrong.join("\n"));
    Ok(())
}

#[test]
fn golden_files_have_their_tools() -> Result<()> {
    let ids = ids()?;
    for entry in std::fs::read_dir(golden()).context("no folder of golden files")? {
        let path = entry?.path();
        let id = path
            .file_stem()
            .and_then(|name| name.to_str())
            .context("a name that is not UTF-8")?;
        ensure!(
            ids.iter().any(|known| known == id),
            "tools/{id}.json is of no tool; hint: remove it"
        );
    }
    Ok(())
}
