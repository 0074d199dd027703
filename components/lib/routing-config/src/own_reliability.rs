//! What Gyre's own file says of failures: patience, fallbacks, retries, cooldowns.

use crate::chains::{self, DEPTH_MAX};
use crate::policies::{self, COUNT_MAX};
use crate::problem::Findings;
use crate::reliability::{ByFailure, Cooldown, Fallbacks, Retries, RetryPolicy, Timeouts};
use crate::table::Table;
use crate::types::Alias;
use std::collections::BTreeMap;

const RETRIES_DEFAULT: u32 = 2;
const DEPTH_DEFAULT: u32 = 5;
const COOLDOWN_MS_DEFAULT: u64 = 5_000;

/// The two keys of patience, of a deployment or of all.
pub(crate) fn timeouts(table: &Table<'_>, found: &mut Findings) -> Timeouts {
    Timeouts {
        whole_ms: table.ms("timeout_ms", found),
        stream_ms: table.ms("stream_timeout_ms", found),
    }
}

/// Reads `[routing.fallbacks]`.
pub(crate) fn fallbacks(table: &Table<'_>, found: &mut Findings) -> Fallbacks {
    let mut read = Fallbacks {
        ordinary: Vec::new(),
        context_window: None,
        content_policy: None,
        depth_max: DEPTH_DEFAULT,
    };
    let Some(table) = table.table("fallbacks", found) else {
        return read;
    };
    let known = [
        "ordinary",
        "context_window",
        "content_policy",
        "default",
        "depth_max",
    ];
    table.only(&known, found);
    read.ordinary = chains::own(&table, "ordinary", found).unwrap_or_default();
    read.context_window = chains::own(&table, "context_window", found);
    read.content_policy = chains::own(&table, "content_policy", found);
    let default = table.names("default", 64, found);
    if !default.is_empty() {
        read.ordinary.push(("*".to_owned(), default));
    }
    let depth = table.small("depth_max", DEPTH_MAX, found);
    read.depth_max = depth.unwrap_or(DEPTH_DEFAULT);
    read
}

/// Reads `[routing.retries]`.
pub(crate) fn retries(table: &Table<'_>, found: &mut Findings) -> Retries {
    let mut read = Retries {
        count: RETRIES_DEFAULT,
        policy: None,
        by_group: BTreeMap::new(),
        wait_ms_min: 0,
    };
    let Some(table) = table.table("retries", found) else {
        return read;
    };
    table.only(&["count", "wait_ms_min", "policy", "groups"], found);
    read.count = table.small("count", COUNT_MAX, found).unwrap_or(RETRIES_DEFAULT);
    read.wait_ms_min = table.ms("wait_ms_min", found).unwrap_or_default();
    let policy = table.table("policy", found);
    read.policy = policy.map(|policy| policies::own_retries(&policy, found));
    if let Some(groups) = table.table("groups", found) {
        read.by_group = groups_of(&groups, found);
    }
    read
}

fn groups_of(groups: &Table<'_>, found: &mut Findings) -> BTreeMap<String, RetryPolicy> {
    let mut read = BTreeMap::new();
    for group in groups.keys() {
        if let Some(policy) = groups.table(group, found) {
            read.insert(group.to_owned(), policies::own_retries(&policy, found));
        }
    }
    read
}

/// Reads `[routing.cooldown]`.
pub(crate) fn cooldown(table: &Table<'_>, found: &mut Findings) -> Cooldown {
    let mut read = Cooldown {
        enabled: true,
        time_ms: COOLDOWN_MS_DEFAULT,
        allowed_fails: None,
        policy: None,
        half_open: true,
    };
    let Some(table) = table.table("cooldown", found) else {
        return read;
    };
    table.only(
        &["enabled", "time_ms", "allowed_fails", "policy", "half_open"],
        found,
    );
    read.enabled = table.flag("enabled", found).unwrap_or(true);
    read.time_ms = table.ms("time_ms", found).unwrap_or(COOLDOWN_MS_DEFAULT);
    read.allowed_fails = table.small("allowed_fails", COUNT_MAX, found);
    read.policy = fails(&table, found);
    read.half_open = table.flag("half_open", found).unwrap_or(true);
    read
}

/// Failures that are borne, by kind.
pub(crate) fn fails(table: &Table<'_>, found: &mut Findings) -> Option<ByFailure> {
    let policy = table.table("policy", found)?;
    Some(policies::own_fails(&policy, found))
}

/// Gives every alias the chains of its model. Chains go by the name that was asked for, since `LiteLLM`'s do.
pub(crate) fn for_aliases(mut fallbacks: Fallbacks, aliases: &BTreeMap<String, Alias>) -> Fallbacks {
    let Fallbacks {
        ordinary,
        context_window,
        content_policy,
        ..
    } = &mut fallbacks;
    for chains in [Some(ordinary), context_window.as_mut(), content_policy.as_mut()] {
        let Some(chains) = chains else { continue };
        for (alias, Alias { target, .. }) in aliases {
            let named = chains.iter().any(|(group, _)| group == alias);
            let of_target = chains.iter().find(|(group, _)| group == target).cloned();
            if let (false, Some((_, targets))) = (named, of_target) {
                chains.push((alias.clone(), targets));
            }
        }
    }
    fallbacks
}
