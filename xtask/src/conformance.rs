//! The same applications on our host and on a stock Spin.

use crate::repository::Repository;
use crate::tools::{self, Tools};
use crate::{build, process};
use anyhow::{Context, Result};
use std::path::PathBuf;

/// What to hold our host against.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// A stock Spin, 4.1 or later; without one only our host is tried.
    #[arg(long, env = "GYRE_SPIN", value_name = "PATH")]
    spin: Option<PathBuf>,
    /// What that Spin was built without, such as `redis,postgres`: cases that use it run on our host only.
    #[arg(long, value_name = "SERVER,…", requires = "spin")]
    without: Option<String>,
    /// Only cases whose name contains this, and not the whole application.
    #[arg(long, value_name = "TEXT")]
    case: Option<String>,
}

/// Builds what the cases need, runs them, and then the whole application on that Spin.
pub(crate) fn run(repository: &Repository, options: &Options) -> Result<()> {
    build::run(repository)?;
    process::run(repository.wasm_cargo("build")?.arg("--workspace"))?;
    process::run(repository.fixture_cargo("build")?.arg("--workspace"))?;
    tools::freeze(repository, Tools::All)?;
    let spin = options.spin.as_deref();
    let spin = spin
        .map(|path| {
            path.canonicalize()
                .with_context(|| format!("there is no {}", path.display()))
        })
        .transpose()?;
    let mut cases = repository.command(&repository.native_built().join("gyre-conformance"));
    if let Some(case) = &options.case {
        cases.args(["--case", case]);
    }
    if let Some(spin) = &spin {
        cases.arg("--spin").arg(spin);
    }
    if let Some(without) = &options.without {
        cases.args(["--without", without]);
    }
    process::run(&mut cases)?;
    match (spin, &options.case) {
        (Some(spin), None) => whole_application(repository, &spin),
        _ => Ok(()),
    }
}

/// The tests of the whole path that take a stock Spin.
fn whole_application(repository: &Repository, spin: &std::path::Path) -> Result<()> {
    let mut tests = repository.cargo();
    tests.args([
        "test",
        "--workspace",
        "--test",
        "whole_path",
        "stock_spin",
        "--",
        "--ignored",
    ]);
    process::run(build::with_libclang(&mut tests).env("GYRE_SPIN", spin))
}
