//! The options of `gyre model`.

use super::admin::AdminArgs;
use super::folder::FolderArgs;
use super::server::ServerArgs;
use clap::{Args, Subcommand};

pub(super) const EXAMPLES: &str = "\
Examples:
  gyre model list
  gyre model pull ORG/NAME-GGUF
  gyre model inspect NAME
  gyre model remove NAME
  gyre model ps --admin 127.0.0.1:9000";

/// `gyre model`.
#[derive(Debug, Args)]
pub(crate) struct ModelArgs {
    #[command(subcommand)]
    pub(crate) verb: ModelVerb,
}

/// What can be done with models.
#[derive(Debug, Subcommand)]
pub(crate) enum ModelVerb {
    /// List the models and graphs of the models folder, or those of a server
    #[command(
        after_help = "Examples:\n  gyre model list\n  gyre model list --json\n  gyre model list --server"
    )]
    List(ModelListArgs),
    /// Show what a model file holds, what it needs and what is wrong with it
    #[command(
        after_help = "Examples:\n  gyre model inspect all-minilm-l6-v2\n  gyre model inspect ./model.gguf --template\n  gyre model inspect ./graph.onnx --json"
    )]
    Inspect(ModelInspectArgs),
    /// Fetch a GGUF file from a model hub into the models folder
    #[command(after_help = PULL_HELP)]
    Pull(ModelPullArgs),
    /// Delete a model from the models folder
    #[command(after_help = "Examples:\n  gyre model remove NAME")]
    Remove(ModelRemoveArgs),
    /// List the models of a running server, and what those in memory take and do
    #[command(after_help = "Examples:\n  gyre model ps --admin 127.0.0.1:9000")]
    Ps(ModelPsArgs),
    /// Have a running server load a model, and wait until it takes calls
    #[command(after_help = LOAD_HELP)]
    Load(ModelMoveArgs),
    /// Have a running server take a model out of memory, once the calls it has are done
    #[command(after_help = UNLOAD_HELP)]
    Unload(ModelMoveArgs),
}

const LOAD_HELP: &str = "\
Examples:
  gyre model load NAME --admin 127.0.0.1:9000

What does not fit makes idle models leave, those used longest ago first. Only the machine of the server may do this.";

const UNLOAD_HELP: &str = "\
Examples:
  gyre model unload NAME --admin 127.0.0.1:9000

The next call that names the model loads it again. Only the machine of the server may do this.";

const PULL_HELP: &str = "\
Examples:
  gyre model pull ORG/NAME-GGUF
  gyre model pull ORG/NAME-GGUF:name-q8_0.gguf --name big

Without FILE the only GGUF file of the repository is taken, or the one that is quantised as Q4_K_M.
A pull that was cut goes on where it ended. What came is checked before it becomes a model.
HF_ENDPOINT names another hub; HF_TOKEN is sent to it and never printed.";

/// `gyre model list`.
#[derive(Debug, Args)]
pub(crate) struct ModelListArgs {
    #[command(flatten)]
    pub(crate) folder: FolderArgs,
    /// List what the server at --url offers instead
    #[arg(long)]
    pub(crate) server: bool,
    #[command(flatten)]
    pub(crate) at: ServerArgs,
    /// Print the models as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `gyre model inspect`.
#[derive(Debug, Args)]
pub(crate) struct ModelInspectArgs {
    /// A name of the models folder, or the path of a file: it has a `/` or ends in `.gguf` or `.onnx`
    #[arg(value_name = "NAME|PATH")]
    pub(crate) model: String,
    #[command(flatten)]
    pub(crate) folder: FolderArgs,
    /// Print the chat template only
    #[arg(long, conflicts_with = "json")]
    pub(crate) template: bool,
    /// Print the facts as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `gyre model pull`.
#[derive(Debug, Args)]
pub(crate) struct ModelPullArgs {
    /// The repository, and one of its files
    #[arg(value_name = "REPO[:FILE]")]
    pub(crate) from: String,
    #[command(flatten)]
    pub(crate) folder: FolderArgs,
    /// What the model is called here [default: the file's name]
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// A branch, tag or commit of the repository
    #[arg(long, value_name = "REV", default_value = "main")]
    pub(crate) revision: String,
    /// Replace a model of the same name
    #[arg(long)]
    pub(crate) force: bool,
    /// Print the facts of the model as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `gyre model ps`.
#[derive(Debug, Args)]
pub(crate) struct ModelPsArgs {
    #[command(flatten)]
    pub(crate) admin: AdminArgs,
    /// Print the models as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `gyre model load` and `gyre model unload`.
#[derive(Debug, Args)]
pub(crate) struct ModelMoveArgs {
    /// The model, as `gyre model ps` names it
    #[arg(value_parser = named)]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) admin: AdminArgs,
    /// Give up waiting after so long; the server goes on
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    pub(crate) timeout: u32,
    /// Print what came of it as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

fn named(given: &str) -> Result<String, String> {
    match gyre_gguf::folder::is_name(given) {
        true => Ok(given.to_owned()),
        false => Err("it cannot be the name of a model: `gyre model ps` lists them".to_owned()),
    }
}

/// `gyre model remove`.
#[derive(Debug, Args)]
pub(crate) struct ModelRemoveArgs {
    /// The model, as `gyre model list` names it
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) folder: FolderArgs,
}
