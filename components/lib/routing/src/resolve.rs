//! Which deployments a name stands for.

use crate::pattern::{filled, matched, specificity};
use gyre_routing_config::{Deployment, RoutingConfig, inferred_provider};

/// Models that an error names.
const NAMED_MAX: usize = 16;

/// A deployment that may answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate<'a> {
    /// Which.
    pub deployment: &'a Deployment,
    /// The model's name there, wildcards filled.
    pub upstream_model: String,
}

/// What a name stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved<'a> {
    /// The group, aliases followed.
    pub group: String,
    /// Its deployments, in the order of the file; at least one.
    pub candidates: Vec<Candidate<'a>>,
}

/// Nothing serves the model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no deployment serves the model `{model}`; hint: name one of these: {}", .known.join(", "))]
pub struct UnknownModel {
    /// The name that was asked for.
    pub model: String,
    /// Some of the names there are.
    pub known: Vec<String>,
}

/// Resolves a name in `LiteLLM`'s order: id, alias, group, pattern, the upstream's own name, the default chain.
pub fn resolve<'a>(config: &'a RoutingConfig, model: &str) -> Result<Resolved<'a>, UnknownModel> {
    let all = &config.deployments;
    let is_group = |name: &str| all.iter().any(|it| it.group == name);
    if !is_group(model)
        && let Some(deployment) = all.iter().find(|it| it.id == model)
    {
        return Ok(found(model.to_owned(), vec![plain(deployment)]));
    }
    let group = config.aliases.get(model).map_or(model, |alias| &alias.target);
    if !is_group(group) {
        let candidates = by_pattern(config, group);
        if !candidates.is_empty() {
            return Ok(found(group.to_owned(), candidates));
        }
    }
    for name in [Some(group), first_default(config)].into_iter().flatten() {
        let of_group: Vec<_> = all.iter().filter(|it| it.group == name).map(plain).collect();
        if !of_group.is_empty() {
            return Ok(found(name.to_owned(), of_group));
        }
        let of_upstream: Vec<_> = all
            .iter()
            .filter(|it| it.qualified_model == group)
            .map(plain)
            .collect();
        if !of_upstream.is_empty() {
            return Ok(found(group.to_owned(), of_upstream));
        }
    }
    Err(unknown(config, model))
}

fn found(group: String, candidates: Vec<Candidate<'_>>) -> Resolved<'_> {
    Resolved { group, candidates }
}

fn plain(deployment: &Deployment) -> Candidate<'_> {
    Candidate {
        deployment,
        upstream_model: deployment.upstream_model.clone(),
    }
}

fn first_default(config: &RoutingConfig) -> Option<&str> {
    let mut defaults = config.fallbacks.ordinary.iter().filter(|(group, _)| group == "*");
    let (_, targets) = defaults.next()?;
    targets.first().map(String::as_str)
}

/// The deployments of the most telling pattern that matches the name, or the name with its provider before it.
fn by_pattern<'a>(config: &'a RoutingConfig, name: &str) -> Vec<Candidate<'a>> {
    let direct = matching(config, name);
    if !direct.is_empty() || name.contains('/') {
        return direct;
    }
    let Some(provider) = inferred_provider(name) else {
        return direct;
    };
    matching(config, &format!("{}/{name}", provider.name()))
}

fn matching<'a>(config: &'a RoutingConfig, name: &str) -> Vec<Candidate<'a>> {
    let mut patterns: Vec<&str> = Vec::new();
    for deployment in config.deployments.iter().filter(|it| it.group.contains('*')) {
        if !patterns.contains(&deployment.group.as_str()) {
            patterns.push(&deployment.group);
        }
    }
    // The sort keeps the file's order among equals.
    patterns.sort_by_key(|pattern| std::cmp::Reverse(specificity(pattern)));
    let hit = patterns
        .into_iter()
        .find_map(|pattern| Some((pattern, matched(pattern, name)?)));
    let Some((pattern, taken)) = hit else {
        return Vec::new();
    };
    let of_pattern = config.deployments.iter().filter(|it| it.group == pattern);
    of_pattern
        .map(|deployment| Candidate {
            deployment,
            upstream_model: upstream(deployment, &taken, name),
        })
        .collect()
}

/// Wildcards are counted in the qualified name, whose provider is no part of what goes upstream.
fn upstream(deployment: &Deployment, taken: &[String], asked: &str) -> String {
    let qualified = filled(&deployment.qualified_model, taken, asked);
    let prefix = deployment
        .qualified_model
        .strip_suffix(deployment.upstream_model.as_str())
        .unwrap_or_default();
    let bare = qualified.strip_prefix(prefix).unwrap_or(&qualified);
    bare.to_owned()
}

fn unknown(config: &RoutingConfig, model: &str) -> UnknownModel {
    let mut known: Vec<String> = Vec::new();
    for deployment in &config.deployments {
        if !known.contains(&deployment.group) && known.len() < NAMED_MAX {
            known.push(deployment.group.clone());
        }
    }
    UnknownModel {
        model: model.chars().take(256).collect(),
        known,
    }
}
