//! What the runtime configuration says of stores, databases, models and variables, put into effect.

use crate::state::StateDir;
use anyhow::{Context, Result};
use gyre_capability_key_value::{Place as StorePlace, RedisServer, Stores};
use gyre_capability_llm::Remote;
use gyre_capability_sqlite::{Databases, Place as DatabasePlace, Server};
use gyre_manifest::App as Manifest;
use gyre_runtime_config::{
    Error, KeyValueStore, LlmApi, LlmCompute, RuntimeConfig, SqliteDatabase, VariablesProvider,
};
use std::collections::BTreeMap;
use std::env::VarError;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The key-value stores of the application.
pub(crate) fn key_value(config: &RuntimeConfig, state: &StateDir) -> Result<Stores> {
    let places = config.key_value_stores.iter().map(|(label, store)| {
        let place = match store {
            KeyValueStore::File(file) => StorePlace::File(file.clone()),
            KeyValueStore::Memory => StorePlace::Memory,
            KeyValueStore::Redis(url) => {
                let server = RedisServer::new(url.expose());
                StorePlace::Redis(server.with_context(|| format!("key_value_store.{label}.url"))?)
            }
        };
        Ok((label.clone(), place))
    });
    Ok(Stores::new(state.key_value(), places.collect::<Result<_>>()?))
}

/// The SQLite databases of the application.
pub(crate) fn databases(config: &RuntimeConfig, state: &StateDir) -> Result<Databases> {
    let places = config.sqlite_databases.iter().map(|(label, database)| {
        let place = match database {
            SqliteDatabase::File(file) => DatabasePlace::File(file.clone()),
            SqliteDatabase::Memory => DatabasePlace::Memory,
            SqliteDatabase::Libsql { url, token } => {
                let server = Server::new(url.expose(), token.expose());
                DatabasePlace::Libsql(Arc::new(
                    server.with_context(|| format!("sqlite_database.{label}"))?,
                ))
            }
        };
        Ok((label.clone(), place))
    });
    Ok(Databases::new(state.databases(), places.collect::<Result<_>>()?))
}

/// The server that answers `fermyon:spin/llm`, where it is not the engine of this host.
pub(crate) fn llm(config: &RuntimeConfig) -> Result<Option<Remote>> {
    match &config.llm {
        LlmCompute::Own => Ok(None),
        LlmCompute::RemoteHttp(server) if server.api == LlmApi::OpenAi => anyhow::bail!(
            "llm_compute.api_type: open_ai is not supported here; hint: the component model-remote speaks that API: \
             start with --variable remote_model_url=URL, or use a server of Spin's own protocol"
        ),
        LlmCompute::RemoteHttp(server) => {
            let remote = Remote::new(server.url.expose(), server.auth_token.expose());
            Ok(Some(remote.context("llm_compute")?))
        }
    }
}

/// The values that the providers have for the application's variables.
pub(crate) fn variables(config: &RuntimeConfig, manifest: &Manifest) -> Result<BTreeMap<String, String>> {
    let names = manifest.variables.keys().map(String::as_str);
    Ok(gyre_runtime_config::values(
        &config.variables,
        names,
        environment,
    )?)
}

/// How variables of the environment begin that a provider reads.
pub(crate) fn variable_prefixes(config: &RuntimeConfig) -> Vec<String> {
    let providers = config.variables.iter().filter_map(|provider| match provider {
        VariablesProvider::Env(env) => Some(format!("{}_", env.prefix)),
        VariablesProvider::Static(_) => None,
    });
    providers.collect()
}

/// The folders of stores and databases that are kept elsewhere than in the state folder.
pub(crate) fn folders(config: &RuntimeConfig) -> Vec<PathBuf> {
    let stores = config.key_value_stores.values().filter_map(|store| match store {
        KeyValueStore::File(file) => Some(file),
        KeyValueStore::Memory | KeyValueStore::Redis(_) => None,
    });
    let databases = config
        .sqlite_databases
        .values()
        .filter_map(|database| match database {
            SqliteDatabase::File(file) => Some(file),
            SqliteDatabase::Memory | SqliteDatabase::Libsql { .. } => None,
        });
    let folders = stores.chain(databases).filter_map(|file| file.parent());
    folders.map(Path::to_owned).collect()
}

/// Makes those folders where they are missing, as Spin does.
pub(crate) fn make_folders(config: &RuntimeConfig) -> Result<()> {
    for folder in folders(config) {
        std::fs::create_dir_all(&folder).with_context(|| {
            format!(
                "cannot make the folder {}; hint: check the path in the runtime configuration",
                folder.display()
            )
        })?;
    }
    Ok(())
}

/// The addresses of servers that the host itself calls.
pub(crate) fn servers(config: &RuntimeConfig) -> Vec<String> {
    let stores = config.key_value_stores.values().filter_map(|store| match store {
        KeyValueStore::Redis(url) => Some(url),
        KeyValueStore::File(_) | KeyValueStore::Memory => None,
    });
    let databases = config
        .sqlite_databases
        .values()
        .filter_map(|database| match database {
            SqliteDatabase::Libsql { url, .. } => Some(url),
            SqliteDatabase::File(_) | SqliteDatabase::Memory => None,
        });
    let llm = match &config.llm {
        LlmCompute::Own => None,
        LlmCompute::RemoteHttp(server) => Some(&server.url),
    };
    let servers = stores.chain(databases).chain(llm);
    servers.map(|url| url.expose().to_owned()).collect()
}

/// No component has more memory than the runtime configuration allows.
pub(crate) fn limit_memory(config: &RuntimeConfig, manifest: &mut Manifest) {
    if let Some(bytes_max) = config.memory_bytes_max {
        for component in manifest.components.values_mut() {
            let limit = &mut component.limits.memory_bytes_max;
            *limit = bytes_max.min(*limit);
        }
    }
}

fn environment(name: &str) -> Result<Option<String>, Error> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(Error::NotText {
            name: name.to_owned(),
        }),
    }
}
