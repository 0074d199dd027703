//! The options of `gyre new` and `gyre add`.

use clap::{Args, ValueEnum};

pub(super) const NEW_EXAMPLES: &str = "\
Examples:
  gyre new hello --template app && cd hello && gyre build --up
  gyre new words --template tool
  gyre new --list

What is made needs nothing of gyre's repository: WIT and shells come along. cargo and the target wasm32-wasip2 build it.";

pub(super) const ADD_EXAMPLES: &str = "\
Examples:
  gyre add greeter --template app
  gyre add writer --template agent

It makes a folder and appends the wiring to ./spin.toml; what stands there is left as it is. In an application with
the shell agent.wasm and the service api, as gyre's own, an agent is a persona and its wiring.";

/// `gyre new`.
#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// The application: letters a-z, digits and `-`; it becomes a folder here
    #[arg(required_unless_present = "list")]
    pub(crate) name: Option<String>,
    /// What it begins as
    #[arg(long, short, required_unless_present = "list")]
    pub(crate) template: Option<Template>,
    /// List the templates instead
    #[arg(long, conflicts_with_all = ["name", "template"])]
    pub(crate) list: bool,
    /// Print what was made, or the templates, as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `gyre add`.
#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    /// The component: letters a-z, digits and `-`
    pub(crate) name: String,
    /// What it begins as
    #[arg(long, short)]
    pub(crate) template: Template,
    /// Print what was made as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// What a component may begin as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Template {
    /// A service that answers HTTP requests; runs under Spin too
    App,
    /// A persona, and a local model through wasi:nn
    Agent,
    /// A tool for models, served as MCP
    Tool,
    /// A leaf of gyre:inference, served as an OpenAI-compatible API
    Adapter,
}
