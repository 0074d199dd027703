//! The command line: every verb, option and environment variable of gyre is defined here.

use crate::client::BaseUrl;
use crate::exit::Usage;
use anyhow::Result;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

const EXIT_CODES: &str = "\
Exit codes:
    0  done
    1  failed, or done only in part
    2  the arguments make no sense
   64  spin.toml, or a component it names, cannot be used
   69  the server or the model is not there
   70  a bug of gyre
   73  the state folder cannot be written
   98  the address is in use
  130  interrupted (Ctrl-C)

Results go to stdout; progress, notes and errors go to stderr.";

/// Serverless AI agents as WebAssembly components.
#[derive(Debug, Parser)]
#[command(name = "gyre", version, propagate_version = true, after_help = EXIT_CODES, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// What is logged to stderr, for example `info` or `gyre_serve=debug`
    #[arg(
        long,
        global = true,
        env = "GYRE_LOG",
        value_name = "FILTER",
        default_value = "warn",
        hide = true
    )]
    pub(crate) log: String,
    /// How it is logged
    #[arg(
        long,
        global = true,
        env = "GYRE_LOG_FORMAT",
        value_name = "FORMAT",
        default_value = "text",
        hide = true
    )]
    pub(crate) log_format: LogFormat,
    /// What to do.
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// What gyre can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Run the application of a spin.toml until Ctrl-C
    #[command(
        after_help = "Examples:\n  gyre up\n  gyre up --listen 127.0.0.1:8080 --state ./state --variable chat_model=gyre-extractive"
    )]
    Up(UpArgs),
    /// Ask an agent; the answer streams to stdout
    #[command(
        after_help = "Examples:\n  gyre chat researcher \"How does Gyre isolate an agent?\"\n  git diff | gyre chat researcher -\n  gyre chat researcher \"…\" --json | jq .citations"
    )]
    Chat(ChatArgs),
    /// Give documents to the agents: Markdown, text and HTML
    #[command(
        after_help = "Examples:\n  gyre ingest README.md docs\n  gyre ingest . --json\n\nIngesting the same document again changes nothing. A document is named by its path from the current folder."
    )]
    Ingest(IngestArgs),
    /// Search the documents
    #[command(
        after_help = "Examples:\n  gyre search \"hop limit\"\n  gyre search \"hop limit\" --limit 3 --json"
    )]
    Search(SearchArgs),
    /// List the agents
    #[command(after_help = "Examples:\n  gyre agents\n  gyre agents --json")]
    Agents(AgentsArgs),
    /// Check this machine and the server, with a cure for what is wrong
    #[command(
        after_help = "Examples:\n  gyre doctor\n  gyre doctor --from ./spin.toml --json\n\nExits with 1 when a check fails; warnings do not fail."
    )]
    Doctor(DoctorArgs),
}

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
    /// Folder of databases and compiled components [default: $XDG_STATE_HOME/gyre or ~/.local/state/gyre]
    #[arg(long, env = "GYRE_STATE", value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    /// The application's manifest
    #[arg(long, value_name = "FILE", default_value = "spin.toml")]
    pub(crate) from: PathBuf,
    /// Folder of the models, <name>.gguf each [default: $XDG_CACHE_HOME/gyre/models or ~/.cache/gyre/models]
    #[arg(long, env = "GYRE_MODELS", value_name = "DIR")]
    pub(crate) models: Option<PathBuf>,
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

    /// Where the models are.
    pub(crate) fn models_dir(&self) -> Result<PathBuf> {
        let unknown = || {
            Usage::new(
                "cannot tell where the models folder is",
                "name it with --models, or set HOME",
            )
        };
        match &self.models {
            Some(folder) => Ok(folder.clone()),
            None => Ok(xdg(&env_path, "XDG_CACHE_HOME", ".cache")
                .ok_or_else(unknown)?
                .join("gyre/models")),
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

/// Which server a client verb talks to.
#[derive(Debug, Args)]
pub(crate) struct ServerArgs {
    /// The server
    #[arg(
        long,
        env = "GYRE_URL",
        value_name = "URL",
        default_value = "http://127.0.0.1:3000"
    )]
    pub(crate) url: BaseUrl,
}

/// `gyre chat`.
#[derive(Debug, Args)]
pub(crate) struct ChatArgs {
    /// The agent, as `gyre agents` lists it
    pub(crate) agent: String,
    /// What to ask; `-` reads it from stdin
    pub(crate) input: String,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// The model that answers [default: the application's]
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<String>,
    /// Print the whole answer as one JSON object when it is there
    #[arg(long)]
    pub(crate) json: bool,
    /// Give up after this long
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) timeout: u64,
}

/// `gyre ingest`.
#[derive(Debug, Args)]
pub(crate) struct IngestArgs {
    /// Files, and folders to walk: .md, .markdown, .txt, .html, .htm
    #[arg(required = true)]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// Print what was done as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `gyre search`.
#[derive(Debug, Args)]
pub(crate) struct SearchArgs {
    /// What to look for
    pub(crate) query: String,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// How many passages at most
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) limit: u32,
    /// Print the passages as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `gyre agents`.
#[derive(Debug, Args)]
pub(crate) struct AgentsArgs {
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// Print the agents as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `gyre doctor`: the options of `gyre up` are checked as `up` would use them.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) up: UpArgs,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// Print the checks as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

fn key_value(given: &str) -> Result<(String, String), String> {
    match given.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write it as KEY=VALUE".to_owned()),
    }
}

fn env_path(name: &str) -> Option<PathBuf> {
    std::env::var_os(name)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}

/// A base folder by the XDG rules: a relative path in the variable does not count.
fn xdg(env: &dyn Fn(&str) -> Option<PathBuf>, variable: &str, under_home: &str) -> Option<PathBuf> {
    env(variable)
        .filter(|path| path.is_absolute())
        .or_else(|| Some(env("HOME")?.join(under_home)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn folders_follow_the_xdg_rules() {
        let cases = [
            (Some("/x"), Some("/h"), Some("/x")),
            (Some("rel"), Some("/h"), Some("/h/.local/state")),
            (None, Some("/h"), Some("/h/.local/state")),
            (None, None, None),
        ];
        for (variable, home, expected) in cases {
            let env = |name: &str| if name == "HOME" { home } else { variable }.map(PathBuf::from);
            assert_eq!(
                xdg(&env, "XDG_STATE_HOME", ".local/state"),
                expected.map(PathBuf::from)
            );
        }
    }

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
