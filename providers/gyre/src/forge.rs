//! `gyre forge`: becomes the program that makes models. Few need it, so it is no part of this one.

use crate::cli::ForgeArgs;
use crate::exit::Usage;
use anyhow::{Context, Result};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

const PROGRAM: &str = "gyre-forge";

/// Returns only if that program is not there or cannot be started.
pub(crate) fn run(args: &ForgeArgs) -> Result<()> {
    let own = std::env::current_exe().context("cannot find out where this program lies")?;
    let program = own.with_file_name(PROGRAM);
    if !program.is_file() {
        let what = format!("`gyre forge` needs the program `{PROGRAM}` beside gyre, and it is not there");
        let cure = "in the repository, `cargo install --path providers/forge` puts it there, or `cargo build --release \
                    --package gyre-forge`";
        return Err(Usage::new(what, cure).into());
    }
    let error = Command::new(&program).args(&args.arguments).exec();
    Err(error).with_context(|| format!("cannot start {}", program.display()))
}
