//! The options of `gyre tool`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `gyre tool`.
#[derive(Debug, Args)]
pub(crate) struct ToolArgs {
    /// What to do with it.
    #[command(subcommand)]
    pub(crate) verb: ToolVerb,
}

/// What can be done with the component of a tool.
#[derive(Debug, Subcommand)]
pub(crate) enum ToolVerb {
    /// Say which tools a component has, as models are told of them
    #[command(
        after_help = "Example:\n  gyre tool describe components/target/wasm32-wasip2/debug/tool_calculator.wasm"
    )]
    Describe(DescribeArgs),
    /// Write down which tools components have; what is frozen is what models are told
    #[command(
        after_help = "Example:\n  gyre tool freeze --out components/target/tools components/target/wasm32-wasip2/debug/tool_clock.wasm\n\n`cargo xtask build` does so for every tool of this repository."
    )]
    Freeze(FreezeArgs),
}

/// `gyre tool describe`.
#[derive(Debug, Args)]
pub(crate) struct DescribeArgs {
    /// The component
    #[arg(value_name = "WASM")]
    pub(crate) file: PathBuf,
    /// Print it as one JSON object, as it is frozen
    #[arg(long)]
    pub(crate) json: bool,
}

/// `gyre tool freeze`.
#[derive(Debug, Args)]
pub(crate) struct FreezeArgs {
    /// The folder to write tool-<name>.json into
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// The components, tool_<name>.wasm each
    #[arg(required = true, value_name = "WASM")]
    pub(crate) files: Vec<PathBuf>,
}
