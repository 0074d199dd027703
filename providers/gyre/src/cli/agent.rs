//! The options of `gyre agent`.

use super::server::ServerArgs;
use clap::{Args, Subcommand};
use std::path::PathBuf;

pub(super) const EXAMPLES: &str = "\
Examples:
  gyre agent list
  gyre agent show researcher
  gyre agent create ./agent.json
  gyre agent delete my-agent";

/// `gyre agent`.
#[derive(Debug, Args)]
pub(crate) struct AgentArgs {
    #[command(subcommand)]
    pub(crate) verb: AgentVerb,
}

/// What can be done with agents.
#[derive(Debug, Subcommand)]
pub(crate) enum AgentVerb {
    /// List the agents
    #[command(after_help = "Examples:\n  gyre agent list\n  gyre agent list --json")]
    List(AgentListArgs),
    /// Show what an agent is and may do
    #[command(after_help = "Examples:\n  gyre agent show researcher\n  gyre agent show researcher --json")]
    Show(AgentNameArgs),
    /// Make an agent of a persona file; no build and no restart is needed
    #[command(
        after_help = "Examples:\n  gyre agent create ./agent.json\n  gyre agent show my-agent --json | jq .persona | gyre agent create -"
    )]
    Create(AgentCreateArgs),
    /// Delete an agent that was made with `create`
    #[command(after_help = "Examples:\n  gyre agent delete my-agent")]
    Delete(AgentNameArgs),
}

/// `gyre agent list`.
#[derive(Debug, Args)]
pub(crate) struct AgentListArgs {
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// Print the agents as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `gyre agent show` and `delete`.
#[derive(Debug, Args)]
pub(crate) struct AgentNameArgs {
    /// The agent, as `gyre agent list` names it
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `gyre agent create`.
#[derive(Debug, Args)]
pub(crate) struct AgentCreateArgs {
    /// The persona, a JSON object with `id`, `description` and `system`; `-` reads it from stdin
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// Print the agent as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}
