//! The options of the verbs that list what a server keeps.

use super::server::ServerArgs;
use clap::Args;

/// `gyre run list` and `gyre session list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) limit: u32,
    /// Print the list as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}
