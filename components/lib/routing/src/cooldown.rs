//! When a failing deployment is left alone, and for how long: `LiteLLM`'s counting (`cooldown_handlers.py`, 1.106.2).

use crate::failure::{Failure, Kind};
use crate::health::Health;
use gyre_routing_config::{Cooldown, Deployment};

/// The share of failures that is too much.
const FAILURES_SHARE_MAX: f64 = 0.5;
/// Requests in a minute before their share of failures tells anything.
const REQUESTS_MIN: u64 = 5;
/// Requests in a minute before even the last deployment of a group is left alone, if all of them failed.
const REQUESTS_MIN_ALONE: u64 = 1_000;
/// Failures that are borne where only a policy is set that does not name them.
const FAILS_DEFAULT: u32 = 3;

/// Whose failure it is.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The configuration of cooldowns.
    pub cooldown: &'a Cooldown,
    /// The deployment that failed.
    pub deployment: &'a Deployment,
    /// Whether its group has no other.
    pub alone: bool,
}

/// Counts a failure, and begins a cooldown where it is time: then tells how long it is.
pub fn fail(health: &mut Health, case: &Case<'_>, failure: &Failure, now_ms: u64) -> Option<u64> {
    // A deployment that is still on trial is left alone again at its first failure.
    let on_trial = case.cooldown.half_open && health.trips > 0 && now_ms >= health.cooldown_until_ms;
    health.count_failure(now_ms);
    let time_ms = time_ms(case, failure);
    let wildcard = case.deployment.group.contains('*');
    if time_ms == 0 || !case.cooldown.enabled || wildcard || !counts(case, failure.kind) {
        return None;
    }
    let due = due(health, case, failure.kind, now_ms) || (on_trial && failure.kind.passes());
    due.then(|| health.cool(now_ms, time_ms, case.cooldown.half_open))
}

/// The deployment's own time, the upstream's wish, or the usual one.
fn time_ms(case: &Case<'_>, failure: &Failure) -> u64 {
    let own = case.deployment.cooldown.time_ms;
    own.or(failure.retry_after_ms).unwrap_or(case.cooldown.time_ms)
}

/// Whether a failure is the deployment's fault at all.
fn counts(case: &Case<'_>, kind: Kind) -> bool {
    let own = case.deployment.cooldown.policy;
    if own.is_some_and(|policy| kind.in_policy(&policy).is_some()) {
        return true;
    }
    match kind {
        Kind::Connection => false,
        kind => match kind.status() {
            401 | 402 | 404 | 408 | 429 => true,
            400..=499 => false,
            _ => true,
        },
    }
}

fn due(health: &mut Health, case: &Case<'_>, kind: Kind, now_ms: u64) -> bool {
    let own = &case.deployment.cooldown;
    let own_named = own.policy.and_then(|policy| kind.in_policy(&policy));
    let named = case.cooldown.policy.and_then(|policy| kind.in_policy(&policy));
    if case.alone && kind == Kind::Payment && own_named.is_none() && named.is_none() {
        return false;
    }
    let window_ms = own.time_ms.unwrap_or(case.cooldown.time_ms);
    let usual = case.cooldown.allowed_fails;
    if own.policy.is_some() || own.allowed_fails.is_some() {
        if own_named.is_none() && own.allowed_fails.is_some() && case.alone {
            return false;
        }
        let key = match (own_named, own.allowed_fails) {
            (Some(_), _) => kind.name(),
            (None, Some(_)) => "generic",
            (None, None) => "",
        };
        let borne = own_named.or(own.allowed_fails).or(named).or(usual);
        let borne = borne.unwrap_or(FAILS_DEFAULT);
        return health.bear(key, now_ms, window_ms) > u64::from(borne);
    }
    if case.cooldown.policy.is_none() && usual.is_none() {
        return by_share(health, kind, case.alone, now_ms);
    }
    let borne = named.or(usual).unwrap_or(FAILS_DEFAULT);
    health.bear("", now_ms, case.cooldown.time_ms) > u64::from(borne)
}

/// Without any number set, the share of failures in the last minute decides.
fn by_share(health: &Health, kind: Kind, alone: bool, now_ms: u64) -> bool {
    let failures = health.failures.at(now_ms);
    let requests = failures + health.successes.at(now_ms);
    #[expect(
        clippy::cast_precision_loss,
        reason = "requests of a minute, which a double holds"
    )]
    let share = failures as f64 / requests.max(1) as f64;
    if kind == Kind::RateLimit && !alone {
        return true;
    }
    if failures == requests && requests >= REQUESTS_MIN_ALONE {
        return true;
    }
    if share > FAILURES_SHARE_MAX && requests >= REQUESTS_MIN && !alone {
        return true;
    }
    !kind.passes()
}
