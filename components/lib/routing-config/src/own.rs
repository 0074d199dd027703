//! Gyre's own file: a table `[routing]` in TOML. Every key is known or refused.

use crate::own_deployments::{self, Listed};
use crate::own_reliability::{cooldown, fallbacks, for_aliases, retries, timeouts};
use crate::problem::{ConfigError, Findings, whole_file};
use crate::table::Table;
use crate::types::{Alias, Intent, RoutingConfig, Strategy, TagFilter, Weights};
use crate::{CONFIG_BYTES_MAX, Parsed, chains, check};
use serde_json::Value;
use std::collections::BTreeMap;

const INTENTS_MAX: usize = 256;
const EXAMPLES_MAX: usize = 64;
const SIMILARITY_DEFAULT: f64 = 0.5;

const KEYS: [&str; 12] = [
    "strategy",
    "options",
    "pre_call_checks",
    "tag_filter",
    "timeout_ms",
    "stream_timeout_ms",
    "backends",
    "models",
    "fallbacks",
    "retries",
    "cooldown",
    "intents",
];

/// Reads a file with a table `[routing]`. Other tables of it are not this reader's.
pub fn parse(text: &str) -> Result<Parsed, ConfigError> {
    if text.len() > CONFIG_BYTES_MAX {
        return Err(whole_file(format!("is larger than {CONFIG_BYTES_MAX} bytes")));
    }
    let file: Value =
        toml::from_str(text).map_err(|error| whole_file(format!("is not TOML: {}", error.message())))?;
    let mut found = Findings::default();
    let routing = file.get("routing");
    let routing =
        routing.ok_or_else(|| whole_file("has no table [routing]; hint: begin it with `[routing]`"))?;
    let read = Table::of(routing, "routing", &mut found).map(|table| read(&table, &mut found));
    let (read, warnings) = found.judge(read)?;
    let config = read.ok_or_else(|| whole_file("has no table [routing]"))?;
    Ok(Parsed { config, warnings })
}

fn read(table: &Table<'_>, found: &mut Findings) -> RoutingConfig {
    table.only(&KEYS, found);
    let backends = own_deployments::backends(table, found);
    let Listed {
        deployments,
        paths,
        aliases,
        backends,
    } = own_deployments::models(table, backends, found);
    let aliases = aliases_of(aliases, found);
    let fallbacks = for_aliases(fallbacks(table, found), &aliases);
    let config = RoutingConfig {
        deployments,
        backends,
        aliases,
        fallbacks,
        retries: retries(table, found),
        cooldown: cooldown(table, found),
        timeouts: timeouts(table, found),
        strategy: strategy(table, found),
        pre_call_checks: table.flag("pre_call_checks", found).unwrap_or(true),
        tag_filter: tag_filter(table, found),
        intents: intents(table, found),
    };
    check::check(&config, &paths, "routing.models", found);
    let places = [
        "routing.fallbacks.ordinary",
        "routing.fallbacks.context_window",
        "routing.fallbacks.content_policy",
    ];
    chains::check(&config, places, found);
    config
}

fn aliases_of(listed: Vec<(String, String, String)>, found: &mut Findings) -> BTreeMap<String, Alias> {
    let mut aliases = BTreeMap::new();
    for (path, alias, target) in listed {
        let hidden = false;
        if aliases.insert(alias.clone(), Alias { target, hidden }).is_some() {
            found.error(path, format!("names `{alias}`, which is an alias already"));
        }
    }
    aliases
}

fn tag_filter(table: &Table<'_>, found: &mut Findings) -> TagFilter {
    match table.name("tag_filter", found).as_deref() {
        None | Some("off") => TagFilter::Off,
        Some("any") => TagFilter::Any,
        Some("all") => TagFilter::All,
        Some(_) => {
            found.error(table.at("tag_filter"), "must be off, any or all");
            TagFilter::Off
        }
    }
}

fn strategy(table: &Table<'_>, found: &mut Findings) -> Strategy {
    let name = table.name("strategy", found);
    let empty = Value::Object(serde_json::Map::new());
    let options = table.get("options").unwrap_or(&empty);
    let Some(options) = Table::of(options, &table.at("options"), found) else {
        return Strategy::Explicit;
    };
    let weight = |key: &str, found: &mut Findings| options.number(key, found).unwrap_or(1.0);
    let (strategy, known): (Strategy, &[&str]) = match name.as_deref() {
        None | Some("explicit") => (Strategy::Explicit, &[]),
        Some("local-first") => (Strategy::LocalFirst, &[]),
        Some("cost") => (Strategy::Cost, &[]),
        Some("latency") => {
            let buffer = options.share("buffer", found).unwrap_or(0.0);
            (Strategy::Latency { buffer }, &["buffer"])
        }
        Some("quality") => (Strategy::Quality, &[]),
        Some("balanced") => {
            let weights = Weights {
                cost: weight("cost", found),
                latency: weight("latency", found),
                quality: weight("quality", found),
            };
            (Strategy::Balanced(weights), &["cost", "latency", "quality"])
        }
        Some("least-busy") => (Strategy::LeastBusy, &[]),
        Some("least-used") => (Strategy::LeastUsed, &[]),
        Some("shuffle") => (Strategy::Shuffle, &[]),
        Some("epsilon-greedy") => {
            let epsilon = options.share("epsilon", found).unwrap_or(0.1);
            (Strategy::EpsilonGreedy { epsilon }, &["epsilon"])
        }
        Some("thompson") => (Strategy::Thompson, &[]),
        Some("linucb") => {
            let alpha = options.number("alpha", found).unwrap_or(1.0);
            (Strategy::LinUcb { alpha }, &["alpha"])
        }
        Some(_) => {
            let what = "must be explicit, local-first, cost, latency, quality, balanced, least-busy, least-used, \
                        shuffle, epsilon-greedy, thompson or linucb";
            found.error(table.at("strategy"), what);
            return Strategy::Explicit;
        }
    };
    options.only(known, found);
    strategy
}

fn intents(table: &Table<'_>, found: &mut Findings) -> Vec<Intent> {
    let mut intents = Vec::new();
    for intent in table.tables("intents", INTENTS_MAX, found) {
        intent.only(&["agent", "examples", "similarity_min"], found);
        let examples = intent.names("examples", EXAMPLES_MAX, found);
        if examples.is_empty() {
            found.error(
                intent.at("examples"),
                "holds no example; hint: add at least one question",
            );
        }
        let similarity = intent.share("similarity_min", found);
        if let Some(agent) = intent.required("agent", found) {
            intents.push(Intent {
                agent,
                examples,
                similarity_min: similarity.unwrap_or(SIMILARITY_DEFAULT),
            });
        }
    }
    intents
}
