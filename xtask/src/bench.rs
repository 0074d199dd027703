//! Benches: a release build of the host, measured beside a peer.

use crate::repository::Repository;
use crate::{build, process};
use anyhow::Result;
use std::ffi::OsString;

/// The bench that runs models.
const ENGINE: &str = "engine";

/// Which bench, and its options.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// A bench and its options, as in `requests --spin PATH`, `engine --llama-server PATH`, or `--help`.
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        required = true,
        value_name = "BENCH"
    )]
    bench: Vec<OsString>,
}

/// Builds guests as always and the host in release mode, then measures.
pub(crate) fn run(repository: &Repository, options: &Options) -> Result<()> {
    crate::wit::run(repository)?;
    process::run(repository.wasm_cargo("build")?.arg("--workspace"))?;
    process::run(repository.fixture_cargo("build")?.arg("--workspace"))?;
    let mut host = repository.cargo();
    host.args([
        "build",
        "--release",
        "--package",
        "gyre",
        "--package",
        "gyre-bench",
    ]);
    // No other bench runs the worker, which takes minutes and cmake to build.
    if options.bench.iter().any(|option| option == ENGINE) {
        host.args(["--package", "gyre-engine"]);
    }
    process::run(build::with_libclang(&mut host))?;
    let program = repository
        .native_built()
        .with_file_name("release")
        .join("gyre-bench");
    process::run(repository.command(&program).args(&options.bench))
}
