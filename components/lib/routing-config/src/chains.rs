//! Chains of fallbacks, in both files, and whether they lead anywhere.

use crate::problem::Findings;
use crate::reliability::Chains;
use crate::table::{Table, names};
use crate::types::{Deployment, RoutingConfig};
use serde_json::Value;

/// Hops that a chain of chains may have.
pub(crate) const DEPTH_MAX: u32 = 32;
/// Groups that have a chain.
const CHAINS_MAX: usize = 1_024;
/// Groups of one chain.
const CHAIN_MAX: usize = 64;

/// `LiteLLM`'s list of tables, each from one group to its chain.
pub(crate) fn litellm(table: &Table<'_>, key: &str, found: &mut Findings) -> Option<Chains> {
    let entries = table.list(key, CHAINS_MAX, found)?;
    let mut chains = Chains::new();
    for (path, entry) in entries {
        let pair = entry
            .as_object()
            .and_then(|map| map.iter().next().zip(Some(map.len())));
        let Some(((group, targets), 1)) = pair else {
            found.error(
                path,
                "must be a table of one group and its list of groups; hint: [{\"gpt-4o\": [\"claude\"]}]",
            );
            continue;
        };
        let at = format!("{path}.{group}");
        chains.push((group.clone(), targets_of(&at, targets, found)));
    }
    Some(chains)
}

/// Our table from groups to their chains.
pub(crate) fn own(table: &Table<'_>, key: &str, found: &mut Findings) -> Option<Chains> {
    let table = table.table(key, found)?;
    let mut chains = Chains::new();
    for group in table.keys().take(CHAINS_MAX) {
        let targets = table.names(group, CHAIN_MAX, found);
        chains.push((group.to_owned(), targets));
    }
    Some(chains)
}

fn targets_of(path: &str, targets: &Value, found: &mut Findings) -> Vec<String> {
    let Some(items) = targets.as_array().filter(|items| items.len() <= CHAIN_MAX) else {
        found.error(path, format!("must be a list of at most {CHAIN_MAX} groups"));
        return Vec::new();
    };
    if let Some(at) = items.iter().position(Value::is_object) {
        let what = "changes the request on its way, which no fallback here does; hint: name a group, and give its \
                    deployment those parameters";
        found.error(format!("{path}[{at}]"), what);
        return Vec::new();
    }
    let numbered = items.iter().enumerate();
    names(
        numbered
            .map(|(at, item)| (format!("{path}[{at}]"), item))
            .collect(),
        found,
    )
}

/// Notes groups that no chain can reach: they would fail when they are needed most.
pub(crate) fn check(config: &RoutingConfig, paths: [&str; 3], found: &mut Findings) {
    let fallbacks = &config.fallbacks;
    let all = [
        Some(&fallbacks.ordinary),
        fallbacks.context_window.as_ref(),
        fallbacks.content_policy.as_ref(),
    ];
    for (chains, path) in all.into_iter().zip(paths) {
        for (group, targets) in chains.into_iter().flatten() {
            for target in targets.iter().filter(|target| !reachable(config, target)) {
                let what = format!("leads from `{group}` to `{target}`, which no deployment serves");
                found.warning(path, what);
            }
        }
    }
}

fn reachable(config: &RoutingConfig, target: &str) -> bool {
    let served = |it: &Deployment| {
        it.group == target || it.id == target || it.qualified_model == target || it.group.contains('*')
    };
    config.aliases.contains_key(target) || config.deployments.iter().any(served)
}
