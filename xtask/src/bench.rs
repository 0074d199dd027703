//! Benches: a release build of the host, measured beside a peer.

use crate::repository::Repository;
use crate::{build, process};
use anyhow::Result;
use std::ffi::OsString;

/// Which bench, and its options.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// A bench and its options, as in `requests --spin PATH`, `waiting`, or `--help`.
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
    process::run(build::with_libclang(&mut host))?;
    let program = repository
        .native_built()
        .with_file_name("release")
        .join("gyre-bench");
    process::run(repository.command(&program).args(&options.bench))
}
