//! What a server takes on.

use clap::Args;
use gyre_serve::Bounds;
use std::num::NonZeroU32;
use std::time::Duration;

/// Options of `gyre up` and `gyre serve-model`.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct BoundsArgs {
    /// Sandboxes that run at once, over all components; each call of each component is one
    #[arg(long, value_name = "N", default_value_t = SANDBOXES_MAX, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) sandboxes_max: u32,
    /// Connections at once; more wait until one ends
    #[arg(long, value_name = "N", default_value_t = CONNECTIONS_MAX)]
    pub(crate) connections: NonZeroU32,
    /// HTTP connections to other hosts at once, over all components; more wait until one ends
    #[arg(long, value_name = "N", default_value_t = CONNECTIONS_MAX)]
    pub(crate) outbound_connections: NonZeroU32,
    /// Seconds that a connection may be idle, or take to send its headers
    #[arg(long, value_name = "SECONDS", default_value_t = IDLE_S_MAX)]
    pub(crate) idle: NonZeroU32,
    /// Seconds that answers under way have to finish when gyre is told to stop; then they are cut
    #[arg(long, value_name = "SECONDS", default_value_t = DRAIN_S_MAX)]
    pub(crate) drain: u64,
}

const SANDBOXES_MAX: u32 = 1_000;
const CONNECTIONS_MAX: NonZeroU32 = NonZeroU32::new(1_024).unwrap();
const IDLE_S_MAX: NonZeroU32 = NonZeroU32::new(10).unwrap();
const DRAIN_S_MAX: u64 = 10;

impl BoundsArgs {
    /// For the server.
    pub(crate) fn bounds(self) -> Bounds {
        Bounds {
            connections_max: self.connections.get(),
            idle_max: Duration::from_secs(self.idle.get().into()),
            drain_max: Duration::from_secs(self.drain),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::cli::{Cli, Verb};
    use clap::Parser as _;
    use gyre_serve::Bounds;

    #[test]
    fn what_nobody_says_is_what_the_server_does_by_itself() {
        for verb in ["up", "serve-model"] {
            let bounds = match Cli::parse_from(["gyre", verb]).verb {
                Verb::Up(args) => args.bounds.bounds(),
                Verb::ServeModel(args) => args.into_up().bounds.bounds(),
                _ => panic!("not {verb}"),
            };
            assert_eq!(bounds, Bounds::DEFAULT, "{verb}");
        }
        assert!(Cli::try_parse_from(["gyre", "up", "--connections", "0"]).is_err());
    }
}
