//! The options of `gyre session`.

use super::list::ListArgs;
use super::server::ServerArgs;
use clap::{Args, Subcommand};

pub(super) const EXAMPLES: &str = "\
Examples:
  gyre session list
  gyre session show notes
  gyre session delete notes";

/// `gyre session`.
#[derive(Debug, Args)]
pub(crate) struct SessionArgs {
    #[command(subcommand)]
    pub(crate) verb: SessionVerb,
}

/// What can be done with sessions.
#[derive(Debug, Subcommand)]
pub(crate) enum SessionVerb {
    /// List the sessions: conversations that agents remember
    #[command(after_help = "Examples:\n  gyre session list\n  gyre session list --json")]
    List(ListArgs),
    /// Show what was said in a session
    #[command(after_help = "Examples:\n  gyre session show notes\n  gyre session show notes --json")]
    Show(SessionNameArgs),
    /// Delete a session: its messages are gone for good
    #[command(after_help = "Examples:\n  gyre session delete notes")]
    Delete(SessionNameArgs),
}

/// `gyre session show` and `delete`.
#[derive(Debug, Args)]
pub(crate) struct SessionNameArgs {
    /// The session, as `gyre session list` names it
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}
