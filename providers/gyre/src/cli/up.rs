//! The options of `gyre up`, and where its folders are.

use super::engine::EngineArgs;
use super::xdg::{env_path, xdg};
use crate::exit::Usage;
use anyhow::Result;
use clap::Args;
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
    /// Address of /metrics, /ready and /live, apart from the public one; none unless given
    #[arg(long, env = "GYRE_ADMIN", value_name = "ADDR")]
    pub(crate) admin: Option<SocketAddr>,
    /// Takes changes of spin.toml, components and mounted files into the running application
    #[arg(long)]
    pub(crate) watch: bool,
    /// Folder of databases and compiled components [default: $XDG_STATE_HOME/gyre or ~/.local/state/gyre]
    #[arg(long, env = "GYRE_STATE", value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    /// The application's manifest
    #[arg(long, value_name = "FILE", default_value = "spin.toml")]
    pub(crate) from: PathBuf,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
    /// The manifest's profile
    #[arg(long, value_name = "NAME", default_value = "gyre")]
    pub(crate) profile: String,
    /// A variable of the application; may be repeated
    #[arg(long = "variable", value_name = "KEY=VALUE", value_parser = key_value)]
    pub(crate) variables: Vec<(String, String)>,
}

impl UpArgs {
    /// Where databases and compiled components are.
    pub(crate) fn state_dir(&self) -> Result<PathBuf> {
        let unknown = || {
            Usage::new(
                "cannot tell where the state folder is",
                "name it with --state, or set HOME",
            )
        };
        match &self.state {
            Some(folder) => Ok(folder.clone()),
            None => Ok(xdg(&env_path, "XDG_STATE_HOME", ".local/state")
                .ok_or_else(unknown)?
                .join("gyre")),
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
