//! A `config.yaml` of the `LiteLLM` proxy, as version 1.106.2 reads it.

mod backends;
mod deployment;
mod keys;
mod settings;

use crate::problem::{ConfigError, Findings, whole_file};
use crate::table::Table;
use crate::types::RoutingConfig;
use crate::{CONFIG_BYTES_MAX, DEPLOYMENTS_MAX, Parsed, chains, check, yaml};
use backends::Backends;

/// Reads a `config.yaml`. Keys that change no decision of a router are warnings, those that would are errors.
pub fn parse(text: &str) -> Result<Parsed, ConfigError> {
    if text.len() > CONFIG_BYTES_MAX {
        return Err(whole_file(format!("is larger than {CONFIG_BYTES_MAX} bytes")));
    }
    let file = yaml::parse(text)?;
    let mut found = Findings::default();
    let read = Table::of(&file, "", &mut found).map(|table| read(&table, &mut found));
    let (read, warnings) = found.judge(read)?;
    let config = read.ok_or_else(|| whole_file("is no table"))?;
    Ok(Parsed { config, warnings })
}

fn read(file: &Table<'_>, found: &mut Findings) -> RoutingConfig {
    keys::judge(file, &keys::FILE, found);
    let mut backends = Backends::default();
    let mut deployments = Vec::new();
    let mut paths = Vec::new();
    for table in file.tables("model_list", DEPLOYMENTS_MAX, found) {
        if let Some(deployment) = deployment::read(&table, &mut backends, found) {
            deployments.push(deployment);
            paths.push(table.path().to_owned());
        }
    }
    let settings = settings::read(file, found);
    let config = RoutingConfig {
        deployments,
        backends: backends.named(),
        ..settings
    };
    check::check(&config, &paths, "model_list", found);
    let places = [
        "router_settings.fallbacks",
        "router_settings.context_window_fallbacks",
        "router_settings.content_policy_fallbacks",
    ];
    chains::check(&config, places, found);
    config
}
