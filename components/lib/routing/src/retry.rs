//! Whether a failed attempt is made again within its group, and after how long: `LiteLLM`'s rules for whether, full
//! jitter for how long.

use crate::chains;
use crate::failure::{Failure, Kind};
use gyre_routing_config::{Deployment, RetryPolicy, RoutingConfig};

/// The first wait, before jitter.
const WAIT_MS_FIRST: u64 = 500;
/// The longest wait, before jitter.
const WAIT_MS_MAX: u64 = 8_000;
/// A longer wish of the upstream is not waited for.
const RETRY_AFTER_MS_MAX: u64 = 60_000;
/// What is added by chance to a wait that the upstream asked for, so that not all come at once.
const JITTER_MS: u64 = 750;

/// What is known when an attempt failed.
#[derive(Debug, Clone, Copy)]
pub struct Attempted<'a> {
    /// The configuration.
    pub config: &'a RoutingConfig,
    /// The name that was asked for: policies and chains go by it, also where it is an alias.
    pub group: &'a str,
    /// The deployment that failed.
    pub deployment: Option<&'a Deployment>,
    /// Deployments of the group.
    pub all: usize,
    /// Those of them that are not in cooldown.
    pub healthy: usize,
    /// Retries that were made so far.
    pub made: u32,
    /// Whether the caller was sent any of the answer.
    pub begun: bool,
}

/// What to do next within the group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Try again.
    After {
        /// After this time; 0 where another deployment is there.
        wait_ms: u64,
    },
    /// Do not.
    No(Why),
}

/// Why nothing is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Part of the answer was sent: a second one would be another answer.
    Begun,
    /// The same request would fail the same way.
    Permanent,
    /// There is a chain for just this.
    Chain,
    /// Nobody else is left to ask.
    Alone,
    /// All retries were made.
    Spent,
}

/// Decides. `chance` is a random number from 0 to 1.
#[must_use]
pub fn retry(attempted: &Attempted<'_>, failure: &Failure, chance: f64) -> Retry {
    if attempted.begun {
        return Retry::No(Why::Begun);
    }
    let by_policy = policy(attempted).and_then(|policy| by_policy(policy, failure.kind));
    if by_policy.is_none()
        && let Some(why) = refused(attempted, failure.kind)
    {
        return Retry::No(why);
    }
    if attempted.made >= retries(attempted, by_policy) {
        return Retry::No(Why::Spent);
    }
    Retry::After {
        wait_ms: wait_ms(attempted, failure, chance),
    }
}

/// How many retries this failure may have in all, whether or not any is allowed.
#[must_use]
pub fn retries_max(attempted: &Attempted<'_>, kind: Kind) -> u32 {
    let by_policy = policy(attempted).and_then(|policy| by_policy(policy, kind));
    retries(attempted, by_policy)
}

fn retries(attempted: &Attempted<'_>, by_policy: Option<u32>) -> u32 {
    let own = attempted.deployment.and_then(|it| it.retries);
    by_policy.or(own).unwrap_or(attempted.config.retries.count)
}

/// The group's policy, or the general one.
fn policy<'a>(attempted: &Attempted<'a>) -> Option<&'a RetryPolicy> {
    let retries = &attempted.config.retries;
    retries.by_group.get(attempted.group).or(retries.policy.as_ref())
}

fn by_policy(policy: &RetryPolicy, kind: Kind) -> Option<u32> {
    kind.in_policy(&policy.by_failure).or(policy.default)
}

/// `LiteLLM`'s `should_retry_this_error`.
fn refused(attempted: &Attempted<'_>, kind: Kind) -> Option<Why> {
    let fallbacks = &attempted.config.fallbacks;
    let chain = match kind {
        Kind::ContextWindow => fallbacks.context_window.is_some(),
        Kind::ContentPolicy => fallbacks.content_policy.is_some(),
        _ => false,
    };
    if chain {
        return Some(Why::Chain);
    }
    let about_key = matches!(kind, Kind::Authentication | Kind::Permission);
    if !kind.passes() && !about_key {
        return Some(Why::Permanent);
    }
    if kind == Kind::RateLimit && attempted.healthy == 0 && !fallbacks.ordinary.is_empty() {
        return Some(Why::Chain);
    }
    // Another deployment may have another key.
    let alone = (about_key && attempted.all <= 1) || attempted.healthy == 0;
    alone.then_some(Why::Alone)
}

fn wait_ms(attempted: &Attempted<'_>, failure: &Failure, chance: f64) -> u64 {
    if attempted.all != 1 && attempted.healthy > 0 {
        return 0;
    }
    let wished = failure
        .retry_after_ms
        .filter(|ms| (1..=RETRY_AFTER_MS_MAX).contains(ms));
    if let Some(wished) = wished {
        return wished + share(JITTER_MS, chance);
    }
    let doubled = WAIT_MS_FIRST.saturating_mul(1 << attempted.made.min(16));
    let least = attempted.config.retries.wait_ms_min.min(WAIT_MS_MAX);
    share(doubled.min(WAIT_MS_MAX), chance).max(least)
}

/// A share of a time; what is no chance is taken for the whole.
fn share(ms: u64, chance: f64) -> u64 {
    let chance = if (0.0..=1.0).contains(&chance) {
        chance
    } else {
        1.0
    };
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "times of seconds, which a double holds"
    )]
    let share = (ms as f64 * chance) as u64;
    share
}

/// Where to turn when the group is given up; nothing once the caller was sent any of the answer.
#[must_use]
pub fn fallbacks(attempted: &Attempted<'_>, failure: &Failure) -> Vec<String> {
    if attempted.begun {
        return Vec::new();
    }
    chains::hops(attempted.config, attempted.group, Some(failure.kind))
}
