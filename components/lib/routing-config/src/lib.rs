//! What the router is told: Gyre's own `[routing]` file, or a `config.yaml` of `LiteLLM` as it is.
//!
//! [`parse_routing`] and [`parse_litellm`] read the two into one [`RoutingConfig`]; whatever is not honoured is told by
//! its path, as a warning or, where it would change a decision, as an error. [`privileges`] tells what such a
//! configuration may reach, and [`Privileges::manifest`] writes that as lines of `spin.toml`. Pure: no I/O, no clock.

mod address;
mod chains;
mod check;
mod litellm;
mod own;
mod own_deployments;
mod own_reliability;
mod policies;
mod privilege;
mod problem;
mod provider;
mod reliability;
mod table;
mod types;
mod yaml;

pub use address::{Split, is_local, split};
pub use litellm::parse as parse_litellm;
pub use own::parse as parse_routing;
pub use privilege::{Grant, Privileges, privileges};
pub use problem::{ConfigError, Problem};
pub use provider::{Provider, inferred_provider};
pub use reliability::{
    ByFailure, Chains, Cooldown, DeploymentCooldown, Fallbacks, Retries, RetryPolicy, Timeouts,
};
pub use types::{
    Abilities, Address, Alias, Backend, Deployment, Intent, Price, RoutingConfig, Strategy, TagFilter,
    Weights,
};

/// Bytes that a configuration may take.
pub const CONFIG_BYTES_MAX: usize = 1024 * 1024;
/// Deployments of a configuration.
pub const DEPLOYMENTS_MAX: usize = 1_024;

/// A configuration, and what of its file is not honoured.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// What the router is told.
    pub config: RoutingConfig,
    /// Keys that change no decision here, by path.
    pub warnings: Vec<Problem>,
}
