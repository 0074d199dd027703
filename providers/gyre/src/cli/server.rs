//! The option of the verbs that talk to a server.

use crate::client::BaseUrl;
use clap::Args;

/// Which server a client verb talks to.
#[derive(Debug, Args)]
pub(crate) struct ServerArgs {
    /// The server
    #[arg(
        long,
        env = "GYRE_URL",
        value_name = "URL",
        default_value = "http://127.0.0.1:3000"
    )]
    pub(crate) url: BaseUrl,
}
