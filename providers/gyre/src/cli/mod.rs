//! The command line: every verb, option and environment variable of gyre is defined here.

mod admin;
mod agent;
mod bounds;
mod build;
mod chat;
mod confine;
mod draft;
mod engine;
mod folder;
mod given;
mod list;
mod model;
mod new;
mod registry;
mod run;
mod serve_model;
mod server;
mod session;
mod tool;
mod up;
mod xdg;

pub(crate) use admin::AdminArgs;
pub(crate) use agent::{AgentArgs, AgentCreateArgs, AgentListArgs, AgentNameArgs, AgentVerb};
pub(crate) use build::BuildArgs;
pub(crate) use chat::ChatArgs;
pub(crate) use confine::Confine;
pub(crate) use draft::DraftArg;
pub(crate) use engine::EngineArgs;
pub(crate) use given::{Given, ModelArg, name_of};
pub(crate) use list::ListArgs;
pub(crate) use model::{
    ModelArgs, ModelInspectArgs, ModelListArgs, ModelMoveArgs, ModelPsArgs, ModelPullArgs, ModelRemoveArgs,
    ModelVerb,
};
pub(crate) use new::{AddArgs, NewArgs, Template};
pub(crate) use run::{RunArgs, RunFileArgs, RunShowArgs, RunVerb};
pub(crate) use serve_model::ServeModelArgs;
pub(crate) use server::ServerArgs;
pub(crate) use session::{SessionArgs, SessionNameArgs, SessionVerb};
pub(crate) use tool::{DescribeArgs, FreezeArgs, ToolArgs, ToolVerb};
pub(crate) use up::UpArgs;

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

const EXIT_CODES: &str = "\
Exit codes:
    0  done
    1  failed, or done only in part
    2  the arguments make no sense
   64  spin.toml, a component it names or a model given cannot be used
   69  the server or the model is not there, or the memory for it
   70  a bug of gyre
   73  the state folder cannot be written
   98  the address is in use
  130  interrupted (Ctrl-C)

Results go to stdout; progress, notes, errors and logs go to stderr.
GYRE_LOG=info logs more; GYRE_LOG_FORMAT=json logs for machines.";

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
        after_help = "Examples:\n  gyre up\n  gyre up --listen 127.0.0.1:8080 --state ./state --variable chat_model=gyre-extractive\n  gyre up --model ./Qwen3-0.6B-Q8_0.gguf --context 8192\n  gyre up --model none\n\n--model PATH needs nothing copied: the model is named as its file without .gguf, checked and loaded before gyre listens."
    )]
    Up(UpArgs),
    /// Build the components of a spin.toml with their own commands
    #[command(after_help = build::EXAMPLES)]
    Build(BuildArgs),
    /// Make a new application, ready to build and run
    #[command(after_help = new::NEW_EXAMPLES, arg_required_else_help = true)]
    New(NewArgs),
    /// Add a component to the application of ./spin.toml
    #[command(after_help = new::ADD_EXAMPLES, arg_required_else_help = true)]
    Add(AddArgs),
    /// Serve the local models alone, as an OpenAI-compatible API, until Ctrl-C
    #[command(
        after_help = "Examples:\n  gyre serve-model\n  gyre serve-model --listen 127.0.0.1:8080 --models ./models\n\nIt is what the leaf inference-http calls by default: `spin up` beside it has local inference.\nThere is no authentication: keep it on loopback."
    )]
    ServeModel(ServeModelArgs),
    /// Ask an agent, once or in a conversation; the answer streams to stdout
    #[command(after_help = chat::EXAMPLES)]
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
    /// List, show, create and delete agents
    #[command(after_help = agent::EXAMPLES, arg_required_else_help = true)]
    Agent(AgentArgs),
    /// Run one WebAssembly program to its end; or list and show runs: what agents did
    #[command(after_help = run::EXAMPLES, arg_required_else_help = true)]
    Run(Box<RunArgs>),
    /// List, show and delete sessions: conversations that agents remember
    #[command(after_help = session::EXAMPLES, arg_required_else_help = true)]
    Session(SessionArgs),
    /// List, inspect, fetch and remove models; load and unload those of a running server
    #[command(after_help = model::EXAMPLES, arg_required_else_help = true)]
    Model(ModelArgs),
    /// Describe and freeze the tools of a component
    Tool(ToolArgs),
    /// Make a small chat model: data, training, evaluation (the program gyre-forge)
    #[command(disable_help_flag = true, disable_version_flag = true)]
    Forge(ForgeArgs),
    /// Check this machine and the server, with a cure for what is wrong
    #[command(
        after_help = "Examples:\n  gyre doctor\n  gyre doctor --from ./spin.toml --json\n\nExits with 1 when a check fails; warnings do not fail."
    )]
    Doctor(DoctorArgs),
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
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=50))]
    pub(crate) limit: u32,
    /// Print the passages as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `gyre forge`: all that follows is for gyre-forge.
#[derive(Debug, Args)]
pub(crate) struct ForgeArgs {
    /// What gyre-forge is told; `gyre forge --help` is its own help
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENT")]
    pub(crate) arguments: Vec<OsString>,
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

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }
}
