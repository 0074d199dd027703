//! What happens when a deployment does not answer.

use std::collections::BTreeMap;

/// Chains of groups, by the group that failed. `*` is the chain of groups that have none.
pub type Chains = Vec<(String, Vec<String>)>;

/// Where to turn when a group fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fallbacks {
    /// After any failure.
    pub ordinary: Chains,
    /// When the prompt does not fit; without it the ordinary ones.
    pub context_window: Option<Chains>,
    /// When the content is refused; without it the ordinary ones.
    pub content_policy: Option<Chains>,
    /// How many hops deep a chain of chains may go.
    pub depth_max: u32,
}

/// How often and how fast to try again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retries {
    /// After the first attempt.
    pub count: u32,
    /// By what failed.
    pub policy: Option<RetryPolicy>,
    /// By group; such a policy stands for the general one as a whole.
    pub by_group: BTreeMap<String, RetryPolicy>,
    /// The least wait before the same deployment is asked again.
    pub wait_ms_min: u64,
}

/// Numbers by the kind of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ByFailure {
    /// 400.
    pub bad_request: Option<u32>,
    /// 401.
    pub authentication: Option<u32>,
    /// 408, or silence.
    pub timeout: Option<u32>,
    /// 429.
    pub rate_limit: Option<u32>,
    /// The provider refused the content.
    pub content_policy: Option<u32>,
    /// 500.
    pub internal: Option<u32>,
    /// 502.
    pub bad_gateway: Option<u32>,
    /// 503.
    pub unavailable: Option<u32>,
    /// 404.
    pub not_found: Option<u32>,
}

/// Retries by the kind of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RetryPolicy {
    /// For failures that are named.
    pub by_failure: ByFailure,
    /// For all others.
    pub default: Option<u32>,
}

/// When to leave a deployment alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cooldown {
    /// Whether at all.
    pub enabled: bool,
    /// For how long.
    pub time_ms: u64,
    /// Failures that are borne; with none set, the share of failures decides.
    pub allowed_fails: Option<u32>,
    /// Failures that are borne, by kind.
    pub policy: Option<ByFailure>,
    /// Whether a deployment that comes back is first tried by one request alone, and stays away twice as long each
    /// time that fails. `LiteLLM` lets all requests in at once.
    pub half_open: bool,
}

/// What a deployment says of its own cooldown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DeploymentCooldown {
    /// For how long; 0 is never.
    pub time_ms: Option<u64>,
    /// Failures that are borne.
    pub allowed_fails: Option<u32>,
    /// Failures that are borne, by kind.
    pub policy: Option<ByFailure>,
}

/// How long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Timeouts {
    /// For a whole answer.
    pub whole_ms: Option<u64>,
    /// For a streamed answer.
    pub stream_ms: Option<u64>,
}
