//! The options of `gyre build`.

use clap::Args;
use std::path::PathBuf;

pub(super) const EXAMPLES: &str = "\
Examples:
  gyre build
  gyre build --component-id api
  gyre build --up -- --listen 127.0.0.1:8080

It runs `build.command` of each component in `build.workdir`, leaves first, and stops at the first that fails.";

/// `gyre build`.
#[derive(Debug, Args)]
pub(crate) struct BuildArgs {
    /// The application's manifest
    #[arg(long, value_name = "FILE", default_value = "spin.toml")]
    pub(crate) from: PathBuf,
    /// The manifest's profile
    #[arg(long, value_name = "NAME", default_value = "gyre")]
    pub(crate) profile: String,
    /// Build this component only; may be repeated
    #[arg(short, long = "component-id", value_name = "ID")]
    pub(crate) component_ids: Vec<String>,
    /// Then run the application
    #[arg(long)]
    pub(crate) up: bool,
    /// Options of `gyre up`
    #[arg(last = true, requires = "up", value_name = "OPTIONS")]
    pub(crate) up_options: Vec<String>,
}
