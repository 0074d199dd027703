//! What must hold of a configuration, whichever file it came from.

use crate::problem::Findings;
use crate::types::{RoutingConfig, Strategy};
use std::collections::BTreeSet;

/// Wildcards of one name.
const WILDCARDS_MAX: usize = 8;

/// Checks a configuration that has been read; `paths` tells where each deployment stands, `list` where all of them do.
pub(crate) fn check(config: &RoutingConfig, paths: &[String], list: &str, found: &mut Findings) {
    if config.deployments.is_empty() {
        found.error(list, "names no deployment; hint: add at least one");
    }
    let mut ids = BTreeSet::new();
    for (deployment, path) in config.deployments.iter().zip(paths) {
        if !ids.insert(deployment.id.as_str()) {
            let what = format!("has the id `{}`, which another has too", deployment.id);
            found.error(path, what);
        }
        for name in [&deployment.group, &deployment.upstream_model] {
            if name.matches('*').count() > WILDCARDS_MAX {
                let what = format!("has more than {WILDCARDS_MAX} wildcards in `{name}`");
                found.error(path, what);
            }
        }
        let needs_price = matches!(config.strategy, Strategy::Cost | Strategy::Balanced(_));
        if needs_price && deployment.price.is_none() && !local(config, &deployment.backend) {
            let what = "has no price, by which this strategy chooses; hint: say what a token of its prompt and of \
                        its answer costs";
            found.error(path, what);
        }
    }
    for (alias, target) in &config.aliases {
        if *alias == target.target {
            found.error(format!("alias `{alias}`"), "stands for itself");
        }
    }
}

/// What runs here costs nothing.
fn local(config: &RoutingConfig, backend: &str) -> bool {
    config.backends.get(backend).is_some_and(|it| it.local)
}
