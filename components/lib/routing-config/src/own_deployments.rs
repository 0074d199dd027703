//! Models, deployments and backends of Gyre's own file.

use crate::own_reliability::{fails, timeouts};
use crate::policies::COUNT_MAX;
use crate::problem::Findings;
use crate::reliability::DeploymentCooldown;
use crate::table::Table;
use crate::types::{Abilities, Address, Backend, Deployment, Price};
use crate::{DEPLOYMENTS_MAX, Provider, is_local, split};
use std::collections::BTreeMap;

const TAGS_MAX: usize = 64;
const ALIASES_MAX: usize = 64;
const PER_MINUTE_MAX: u64 = 1_000_000_000_000;
const BACKENDS_MAX: usize = 64;

const KEYS: [&str; 23] = [
    "id",
    "backend",
    "model",
    "price_input",
    "price_output",
    "quality",
    "weight",
    "order",
    "rpm",
    "tpm",
    "concurrent_max",
    "timeout_ms",
    "stream_timeout_ms",
    "retries",
    "cooldown_ms",
    "allowed_fails",
    "policy",
    "tags",
    "tasks",
    "input_tokens_max",
    "tools",
    "json",
    "vision",
];

/// What `[[routing.models]]` lists.
pub(crate) struct Listed {
    pub(crate) deployments: Vec<Deployment>,
    /// Where each deployment stands.
    pub(crate) paths: Vec<String>,
    /// Where it stands, the alias, its model.
    pub(crate) aliases: Vec<(String, String, String)>,
    pub(crate) backends: BTreeMap<String, Backend>,
}

/// Whether a text may be a component's id.
pub(crate) fn is_component(id: &str) -> bool {
    let fine = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-';
    id.starts_with(|it: char| it.is_ascii_lowercase()) && id.bytes().all(fine)
}

/// Reads `[routing.backends.<id>]`.
pub(crate) fn backends(table: &Table<'_>, found: &mut Findings) -> BTreeMap<String, Backend> {
    let mut backends = BTreeMap::new();
    let Some(table) = table.table("backends", found) else {
        return backends;
    };
    if table.keys().count() > BACKENDS_MAX {
        found.error(table.path(), format!("names more than {BACKENDS_MAX} backends"));
    }
    for id in table.keys().take(BACKENDS_MAX) {
        if !is_component(id) {
            found.error(
                table.at(id),
                "is no component id; hint: small letters, digits and `-`",
            );
        }
        if let Some(backend) = table.table(id, found) {
            backends.insert(id.to_owned(), one_backend(&backend, found));
        }
    }
    backends
}

fn one_backend(table: &Table<'_>, found: &mut Findings) -> Backend {
    table.only(&["provider", "url", "url_variable", "key", "local"], found);
    let provider = match table.name("provider", found) {
        None => Provider::Gyre,
        Some(name) => Provider::named(&name).unwrap_or_else(|| {
            found.error(
                table.at("provider"),
                format!("must be one of {}", Provider::names()),
            );
            Provider::Gyre
        }),
    };
    let url = table.name("url", found);
    if url.as_deref().is_some_and(|url| split(url).is_none()) {
        let what = "is no address; hint: https://host:port/path, without user, query or fragment";
        found.error(table.at("url"), what);
    }
    let near = url.as_deref().map_or(provider == Provider::Gyre, is_local);
    let variable = table.name("url_variable", found).map(Address::Variable);
    if variable.is_some() && url.is_some() {
        found.error(
            table.at("url_variable"),
            "is set beside `url`; hint: keep one of them",
        );
    }
    let address = url.map(Address::Url).or(variable);
    let needs = !matches!(provider, Provider::Gyre);
    let address = address.or_else(|| provider.base().map(|base| Address::Url(base.to_owned())));
    if needs && address.is_none() {
        found.error(
            table.at("url"),
            "is missing, and this provider has no address of its own",
        );
    }
    Backend {
        provider,
        address,
        key: secret(table, found),
        local: table.flag("local", found).unwrap_or(near),
    }
}

/// The name of a secret variable, never the secret.
fn secret(table: &Table<'_>, found: &mut Findings) -> Option<String> {
    let name = table.name("key", found)?;
    let fine = |it: u8| it.is_ascii_alphanumeric() || it == b'_';
    if name.bytes().all(fine) && name.starts_with(|it: char| it.is_ascii_alphabetic()) {
        return Some(name);
    }
    let what =
        "must name the variable that holds the key, never the key itself; hint: key = \"OPENAI_API_KEY\"";
    found.error(table.at("key"), what);
    None
}

/// Reads `[[routing.models]]`.
pub(crate) fn models(table: &Table<'_>, backends: BTreeMap<String, Backend>, found: &mut Findings) -> Listed {
    let mut listed = Listed {
        deployments: Vec::new(),
        paths: Vec::new(),
        aliases: Vec::new(),
        backends,
    };
    for model in table.tables("models", DEPLOYMENTS_MAX, found) {
        model.only(&["name", "aliases", "deployments"], found);
        let Some(name) = model.required("name", found) else {
            continue;
        };
        for alias in model.names("aliases", ALIASES_MAX, found) {
            listed.aliases.push((model.at("aliases"), alias, name.clone()));
        }
        let deployments = model.tables("deployments", DEPLOYMENTS_MAX, found);
        if deployments.is_empty() {
            found.error(
                model.at("deployments"),
                "holds none; hint: add [[routing.models.deployments]]",
            );
        }
        for table in deployments {
            one_deployment(&table, &name, &mut listed, found);
        }
    }
    if listed.deployments.len() > DEPLOYMENTS_MAX {
        found.error(
            "routing.models",
            format!("holds more than {DEPLOYMENTS_MAX} deployments"),
        );
    }
    listed
}

fn one_deployment(table: &Table<'_>, group: &str, listed: &mut Listed, found: &mut Findings) {
    table.only(&KEYS, found);
    let Some(backend) = table.required("backend", found) else {
        return;
    };
    if !is_component(&backend) {
        found.error(
            table.at("backend"),
            "is no component id; hint: as in \"model-local\"",
        );
    }
    let known = listed.backends.entry(backend.clone()).or_insert(Backend {
        provider: Provider::Gyre,
        address: None,
        key: None,
        local: true,
    });
    let provider = known.provider;
    let upstream_model = table.name("model", found).unwrap_or_else(|| group.to_owned());
    let id = table.name("id", found);
    let id = id.unwrap_or_else(|| format!("{group}@{backend}/{upstream_model}"));
    listed.deployments.push(Deployment {
        id,
        group: group.to_owned(),
        qualified_model: format!("{}/{upstream_model}", provider.name()),
        backend,
        upstream_model,
        price: price(table, found),
        quality: table.share("quality", found),
        weight: table.number("weight", found),
        order: table.small("order", COUNT_MAX, found),
        rpm: table.count("rpm", PER_MINUTE_MAX, found),
        tpm: table.count("tpm", PER_MINUTE_MAX, found),
        concurrent_max: table.small("concurrent_max", COUNT_MAX, found),
        timeouts: timeouts(table, found),
        retries: table.small("retries", COUNT_MAX, found),
        cooldown: DeploymentCooldown {
            time_ms: table.ms("cooldown_ms", found),
            allowed_fails: table.small("allowed_fails", COUNT_MAX, found),
            policy: fails(table, found),
        },
        tags: table.names("tags", TAGS_MAX, found),
        tasks: table.names("tasks", TAGS_MAX, found),
        abilities: Abilities {
            input_tokens_max: table.count("input_tokens_max", PER_MINUTE_MAX, found),
            tools: table.flag("tools", found),
            json: table.flag("json", found),
            vision: table.flag("vision", found),
        },
    });
    listed.paths.push(table.path().to_owned());
}

fn price(table: &Table<'_>, found: &mut Findings) -> Option<Price> {
    let input = table.number("price_input", found);
    let output = table.number("price_output", found);
    match (input, output) {
        (None, None) => None,
        (Some(input_per_million), Some(output_per_million)) => Some(Price {
            input_per_million,
            output_per_million,
        }),
        _ => {
            let what = "has a price of the prompt or of the answer alone; hint: set both, in money per million tokens";
            found.error(table.path(), what);
            None
        }
    }
}
