//! The options of `gyre up`, and where its folders are.

use super::bounds::BoundsArgs;
use super::confine::ConfineArgs;
use super::engine::EngineArgs;
use super::registry::RegistryArgs;
use super::xdg::state_dir;
use crate::exit::Usage;
use anyhow::Result;
use clap::Args;
use gyre_runtime_config::RuntimeConfig;
use gyre_serve::GuestOutput;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

/// `gyre up`.
#[derive(Debug, Args)]
pub(crate) struct UpArgs {
    /// Address to listen on; port 0 takes a free one
    #[arg(
        long,
        env = "GYRE_LISTEN",
        value_name = "ADDR",
        default_value = "127.0.0.1:3000"
    )]
    pub(crate) listen: SocketAddr,
    /// Address of /metrics, /ready, /live and /models, apart from the public one; none unless given
    #[arg(long, env = "GYRE_ADMIN", value_name = "ADDR")]
    pub(crate) admin: Option<SocketAddr>,
    /// Takes changes of spin.toml, components and mounted files into the running application
    #[arg(long)]
    pub(crate) watch: bool,
    /// Folder of databases and compiled components [default: $XDG_STATE_HOME/gyre or ~/.local/state/gyre]
    #[arg(long, env = "GYRE_STATE", value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    /// The application: a spin.toml, its folder, or a reference to a registry, as in registry.example/app:1.0
    #[arg(short = 'f', long, value_name = "APP", default_value = "spin.toml")]
    pub(crate) from: PathBuf,
    #[command(flatten)]
    pub(crate) registry: RegistryArgs,
    /// A component to run, with its triggers; may be repeated [default: all]
    #[arg(short = 'c', long = "component-id", value_name = "ID")]
    pub(crate) components: Vec<String>,
    #[command(flatten)]
    pub(crate) wall: ConfineArgs,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
    #[command(flatten)]
    pub(crate) bounds: BoundsArgs,
    /// The manifest's profile
    #[arg(long, value_name = "NAME", default_value = "gyre")]
    pub(crate) profile: String,
    /// A variable of the application; may be repeated
    #[arg(long = "variable", value_name = "KEY=VALUE", value_parser = key_value)]
    pub(crate) variables: Vec<(String, String)>,
    /// Where stores, databases and variables are, as Spin's file of the same option
    #[arg(long, env = "GYRE_RUNTIME_CONFIG", value_name = "FILE")]
    pub(crate) runtime_config_file: Option<PathBuf>,
    /// Folder for what components write to stdout and stderr, a file for each
    #[arg(long, short = 'L', value_name = "DIR")]
    pub(crate) log_dir: Option<PathBuf>,
    /// Do not log what components write to stdout and stderr
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

impl UpArgs {
    /// The runtime configuration, or what holds without one.
    pub(crate) fn runtime_config(&self) -> Result<RuntimeConfig> {
        match &self.runtime_config_file {
            Some(file) => Ok(gyre_runtime_config::load(file)?),
            None => Ok(RuntimeConfig::default()),
        }
    }

    /// Where databases and compiled components are: as told here, else as the runtime configuration says.
    pub(crate) fn state_dir(&self, config: &RuntimeConfig) -> Result<PathBuf> {
        state_dir(self.state.as_deref().or(config.state_dir.as_deref()))
    }

    /// Where the output of components goes.
    pub(crate) fn guest_output(&self) -> GuestOutput {
        GuestOutput {
            shown: !self.quiet,
            folder: self.log_dir.clone(),
        }
    }

    /// The application's variables that were given.
    pub(crate) fn variables(&self) -> Result<BTreeMap<String, String>> {
        let mut variables = BTreeMap::new();
        for (key, value) in &self.variables {
            if variables.insert(key.clone(), value.clone()).is_some() {
                return Err(Usage::new(
                    format!("--variable {key} is given twice"),
                    "give each variable once",
                )
                .into());
            }
        }
        Ok(variables)
    }
}

pub(super) fn key_value(given: &str) -> Result<(String, String), String> {
    match given.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write it as KEY=VALUE".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Verb};
    use clap::Parser as _;

    #[test]
    fn variables_are_pairs_and_given_once() {
        assert_eq!(key_value("a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
        assert_eq!(key_value("a="), Ok(("a".to_owned(), String::new())));
        assert!(key_value("a").is_err() && key_value("=b").is_err());
        let twice = Cli::parse_from(["gyre", "up", "--variable", "a=1", "--variable", "a=2"]);
        let Verb::Up(args) = twice.verb else {
            panic!("not up")
        };
        assert!(
            args.variables()
                .unwrap_err()
                .to_string()
                .contains("--variable a is given twice")
        );
    }
}
