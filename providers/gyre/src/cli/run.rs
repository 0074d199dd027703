//! The options of `gyre run`.

use super::list::ListArgs;
use super::server::ServerArgs;
use clap::{Args, Subcommand};

pub(super) const EXAMPLES: &str = "\
Examples:
  gyre run list --limit 5
  gyre run show 01a1fe26";

/// `gyre run`.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[command(subcommand)]
    pub(crate) verb: RunVerb,
}

/// What can be asked about runs.
#[derive(Debug, Subcommand)]
pub(crate) enum RunVerb {
    /// List the runs, newest first
    #[command(after_help = "Examples:\n  gyre run list\n  gyre run list --limit 5 --json")]
    List(ListArgs),
    /// Show what happened in a run, step by step
    #[command(
        after_help = "Examples:\n  gyre run show 01a1fe26\n  gyre run show 01a1fe26 --json | jq .events"
    )]
    Show(RunShowArgs),
}

/// `gyre run show`.
#[derive(Debug, Args)]
pub(crate) struct RunShowArgs {
    /// The run, as `gyre run list` names it; the beginning is enough where only one run has it
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// Print the run with its events as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}
