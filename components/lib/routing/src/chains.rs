//! Where to turn when a group fails: `LiteLLM`'s look-up of chains, and its walk through them.

use crate::failure::Kind;
use gyre_routing_config::{Chains, Provider, RoutingConfig, inferred_provider};
use std::collections::BTreeSet;

/// Groups that one request may turn to.
pub const HOPS_MAX: usize = 64;

/// A chain, and whether it is that of groups which have none of their own.
struct Found<'a> {
    targets: &'a [String],
    general: bool,
}

/// The groups to turn to when `group` failed for this reason, in the order in which they are tried if each of them
/// fails as an ordinary failure. No group comes twice.
#[must_use]
pub fn hops(config: &RoutingConfig, group: &str, kind: Option<Kind>) -> Vec<String> {
    let fallbacks = &config.fallbacks;
    let chains = match kind {
        Some(Kind::ContextWindow) => fallbacks.context_window.as_ref(),
        Some(Kind::ContentPolicy) => fallbacks.content_policy.as_ref(),
        _ => None,
    };
    let mut walk = Walk {
        first: chains.unwrap_or(&fallbacks.ordinary),
        then: &fallbacks.ordinary,
        origin: group,
        depth_max: fallbacks.depth_max,
        attempted: BTreeSet::new(),
        hops: Vec::new(),
    };
    walk.from(group, 0);
    walk.hops
}

struct Walk<'a> {
    /// The chains for what failed first.
    first: &'a Chains,
    /// The chains for what fails on the way.
    then: &'a Chains,
    origin: &'a str,
    depth_max: u32,
    attempted: BTreeSet<String>,
    hops: Vec<String>,
}

impl Walk<'_> {
    fn from(&mut self, failed: &str, depth: u32) {
        let chains = if depth == 0 { self.first } else { self.then };
        let Some(targets) = chain_of(chains, &[failed, self.origin]) else {
            return;
        };
        if depth >= self.depth_max {
            return;
        }
        self.attempted.insert(failed.to_owned());
        let targets = targets.to_vec();
        // Each target that was tried makes the next one a hop deeper, as LiteLLM counts.
        let mut depth = depth;
        for target in targets {
            if target == failed || self.attempted.contains(&target) || self.hops.len() >= HOPS_MAX {
                continue;
            }
            self.attempted.insert(target.clone());
            self.hops.push(target.clone());
            depth += 1;
            self.from(&target, depth);
        }
    }
}

/// The chain of the first of these groups that has its own; else the general one.
fn chain_of<'a>(chains: &'a Chains, groups: &[&str]) -> Option<&'a [String]> {
    let found: Vec<Found<'a>> = groups.iter().filter_map(|group| find(chains, group)).collect();
    let own = found.iter().find(|it| !it.general);
    own.or(found.first()).map(|it| it.targets)
}

/// The chain of one group: by its name, by its name without or with a provider before it, or the general one.
fn find<'a>(chains: &'a Chains, group: &str) -> Option<Found<'a>> {
    let prefixed = prefixed(chains, group);
    let mut near = None;
    let mut general = None;
    for (key, targets) in chains {
        if key == group {
            let general = false;
            return Some(Found { targets, general });
        }
        if prefixed.as_ref() == Some(key) || stripped(group) == Some(key) {
            near = Some(targets);
        } else if key == "*" {
            general = Some(targets);
        }
    }
    let near = near.map(|targets| (targets, false));
    let (targets, general) = near.or(general.map(|targets| (targets, true)))?;
    Some(Found { targets, general })
}

/// The group without its provider.
fn stripped(group: &str) -> Option<&str> {
    let (prefix, rest) = group.split_once('/')?;
    Provider::of_prefix(prefix).map(|_| rest)
}

/// The group with its provider, where any chain is named so.
fn prefixed(chains: &Chains, group: &str) -> Option<String> {
    let tail = format!("/{group}");
    if group.contains('/') || !chains.iter().any(|(key, _)| key.ends_with(&tail)) {
        return None;
    }
    inferred_provider(group).map(|provider| format!("{}/{group}", provider.name()))
}
