//! What a router is told, whichever file said it.

use crate::provider::Provider;
use crate::reliability::{Cooldown, DeploymentCooldown, Fallbacks, Retries, Timeouts};
use std::collections::BTreeMap;

/// Which models there are, who answers for them, and what happens when one does not.
#[derive(Debug, Clone, PartialEq)]
pub struct RoutingConfig {
    /// All deployments, in the order of the file.
    pub deployments: Vec<Deployment>,
    /// The backends they name, by component id.
    pub backends: BTreeMap<String, Backend>,
    /// Other names of models.
    pub aliases: BTreeMap<String, Alias>,
    /// Where to turn next.
    pub fallbacks: Fallbacks,
    /// How often and how fast to try again.
    pub retries: Retries,
    /// When to leave a deployment alone.
    pub cooldown: Cooldown,
    /// How long to wait, where a deployment says nothing.
    pub timeouts: Timeouts,
    /// How to choose among deployments.
    pub strategy: Strategy,
    /// Whether deployments that cannot serve a request are left out beforehand.
    pub pre_call_checks: bool,
    /// Whether tags of a request choose deployments.
    pub tag_filter: TagFilter,
    /// Which questions go to which agent.
    pub intents: Vec<Intent>,
}

/// A model at a backend.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployment {
    /// Unique; statistics and cooldowns are kept by it.
    pub id: String,
    /// The name that callers use, perhaps with `*`.
    pub group: String,
    /// Component id of the backend.
    pub backend: String,
    /// The model's name there, perhaps with `*`.
    pub upstream_model: String,
    /// The model as `LiteLLM` names it, with its provider; callers may use that name too.
    pub qualified_model: String,
    /// What it costs, where that is known.
    pub price: Option<Price>,
    /// How good its answers are thought to be, 0 to 1, before any were seen.
    pub quality: Option<f64>,
    /// Its share of requests beside the others.
    pub weight: Option<f64>,
    /// Lower ones are tried first.
    pub order: Option<u32>,
    /// Requests a minute.
    pub rpm: Option<u64>,
    /// Tokens a minute.
    pub tpm: Option<u64>,
    /// Requests at once.
    pub concurrent_max: Option<u32>,
    /// Its own patience.
    pub timeouts: Timeouts,
    /// Its own number of retries.
    pub retries: Option<u32>,
    /// Its own cooldown.
    pub cooldown: DeploymentCooldown,
    /// Tags of requests it serves.
    pub tags: Vec<String>,
    /// Classes of tasks it is meant for; empty for all.
    pub tasks: Vec<String>,
    /// What it can do.
    pub abilities: Abilities,
}

/// A component that answers for models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backend {
    /// What it speaks.
    pub provider: Provider,
    /// Where its server is; `None` where the backend knows that itself.
    pub address: Option<Address>,
    /// Name of the secret variable that holds its key.
    pub key: Option<String>,
    /// Whether it runs here: no request leaves the machine.
    pub local: bool,
}

/// Where a server is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Address {
    /// Its base, as `https://host/v1`.
    Url(String),
    /// The environment variable that holds it.
    Variable(String),
}

/// Money per million tokens: what one token costs, in millionths.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Price {
    /// A million tokens of the prompt.
    pub input_per_million: f64,
    /// A million tokens of the answer.
    pub output_per_million: f64,
}

/// What a deployment can do; `None` where nobody said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Abilities {
    /// Tokens that a prompt may have.
    pub input_tokens_max: Option<u64>,
    /// Calls tools.
    pub tools: Option<bool>,
    /// Answers in JSON of a given schema.
    pub json: Option<bool>,
    /// Looks at pictures.
    pub vision: Option<bool>,
}

/// Another name of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    /// The group it stands for.
    pub target: String,
    /// Whether lists of models leave it out.
    pub hidden: bool,
}

/// Whether tags of a request choose deployments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagFilter {
    /// They do not.
    Off,
    /// One common tag is enough.
    Any,
    /// All tags of the request must be there.
    All,
}

/// How to choose among deployments.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Strategy {
    /// In the order of the file.
    Explicit,
    /// Those that run here, then the others, each in the order of the file.
    LocalFirst,
    /// The cheapest.
    Cost,
    /// The fastest; those that are slower by at most this share of it are as good.
    Latency {
        /// Share of the least latency.
        buffer: f64,
    },
    /// The best.
    Quality,
    /// Those that no other beats in cost, latency and quality at once, by weight.
    Balanced(Weights),
    /// The one with the fewest requests in flight.
    LeastBusy,
    /// The one with the fewest tokens this minute.
    LeastUsed,
    /// By chance, as weights, then rpm, then tpm say.
    Shuffle,
    /// The best so far, and any with this chance.
    EpsilonGreedy {
        /// Chance of any.
        epsilon: f64,
    },
    /// As likely as it is the best.
    Thompson,
    /// The best for the features of the task, with the benefit of the doubt.
    LinUcb {
        /// How much doubt counts.
        alpha: f64,
    },
}

/// How much each matters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// Cheapness.
    pub cost: f64,
    /// Speed.
    pub latency: f64,
    /// Quality.
    pub quality: f64,
}

/// Which questions go to which agent.
#[derive(Debug, Clone, PartialEq)]
pub struct Intent {
    /// The agent's name.
    pub agent: String,
    /// Questions of this kind.
    pub examples: Vec<String>,
    /// The least cosine to one of them.
    pub similarity_min: f64,
}
