//! Where the build leaves what tests run.

use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};

const CURE: &str =
    "build it first: `cargo xtask build`, and `cargo xtask test` also builds what only tests use";

/// The root of the repository.
pub fn repository() -> Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize()
        .context("the repository is not where these tests were built")
}

/// The folder of the executables: where this program is, or above it for a test, which cargo puts into `deps`.
fn built() -> Result<PathBuf> {
    let program = std::env::current_exe().context("cannot tell where this program is")?;
    let folder = program
        .parent()
        .context("this program is not in a target folder")?;
    let above = folder.parent().filter(|_| folder.ends_with("deps"));
    Ok(above.unwrap_or(folder).to_owned())
}

/// The `gyre` executable; its worker must be beside it.
pub fn host() -> Result<PathBuf> {
    let host = built()?.join("gyre");
    for file in [&host, &host.with_file_name("gyre-engine")] {
        ensure!(file.is_file(), "{} is not there; hint: {CURE}", file.display());
    }
    Ok(host)
}

/// The folder of the built guests; those that the tests name must be there, and the tools must be frozen.
pub fn guests() -> Result<PathBuf> {
    let folder = repository()?.join("components/target/wasm32-wasip2/debug");
    for guest in ["gateway.wasm", "inference_double.wasm", "fixture_echo.wasm"] {
        let file = folder.join(guest);
        ensure!(file.is_file(), "{} is not there; hint: {CURE}", file.display());
    }
    let frozen = tools()?.join("tool-calculator.json");
    ensure!(
        frozen.is_file(),
        "{} is not there; hint: {CURE}",
        frozen.display()
    );
    Ok(folder)
}

/// The folder of the frozen tools.
pub fn tools() -> Result<PathBuf> {
    Ok(repository()?.join("components/target/tools"))
}

/// Makes a state folder that shares its compiled components: compiling all takes longer than most tests.
pub fn share_compiled(state: &Path) -> Result<()> {
    std::fs::create_dir_all(state).with_context(|| format!("cannot make {}", state.display()))?;
    std::os::unix::fs::symlink(compiled()?, state.join("compiled"))
        .context("cannot share the compiled components")
}

/// Compiled components, shared by all servers of all test runs: it is keyed by content.
fn compiled() -> Result<PathBuf> {
    let folder = built()?.join("test-compiled");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}
