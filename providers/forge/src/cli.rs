//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use gyre_forge::data::{Split, Task};
use gyre_forge::evaluate::PROGRAM_VARIABLE;
use gyre_forge::export::Format;
use gyre_forge::phases::Step;

/// Where phases are kept, beside what else Gyre keeps here.
const WORK: &str = ".gyre/forge";
/// The held-out examples of this repository.
const HELD_OUT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/held-out");

/// Trains Gyre's own small chat model: data, tokenizer, training, export to GGUF, evaluation.
#[derive(Parser)]
#[command(name = "gyre-forge", version, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Does all phases of a recipe that are not done yet; a killed run goes on when it is started again
    Run(RunArgs),
    /// Makes the examples that are learnt from, and counts them by task
    Data(DataArgs),
    /// Prints random training examples as the model reads them
    Sample(SampleArgs),
    /// Writes trained weights as a GGUF file
    Export(ExportArgs),
    /// Measures a GGUF file by held-out examples
    Evaluate(EvaluateArgs),
    /// Tells which phases are done
    Status(StatusArgs),
}

#[derive(Args)]
pub(crate) struct RecipeArg {
    /// The recipe; the one of gyre-nano where none is named
    #[arg(long, value_name = "FILE")]
    pub(crate) recipe: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct WorkArg {
    /// The folder of all phases
    #[arg(long, value_name = "FOLDER", default_value = WORK)]
    pub(crate) work: PathBuf,
}

#[derive(Args)]
pub(crate) struct WorkerArgs {
    /// The program gyre-engine; the one beside this program where none is named
    #[arg(long, value_name = "FILE", env = PROGRAM_VARIABLE)]
    pub(crate) worker: Option<PathBuf>,
    /// The folder of the held-out examples
    #[arg(long, value_name = "FOLDER", default_value = HELD_OUT, hide_default_value = true)]
    pub(crate) held_out: PathBuf,
}

#[derive(Args)]
pub(crate) struct JsonArg {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) recipe: RecipeArg,
    /// Only this size of the recipe; may be given several times
    #[arg(long = "size", value_name = "NAME")]
    pub(crate) sizes: Vec<String>,
    #[command(flatten)]
    pub(crate) work: WorkArg,
    /// The last phase to do
    #[arg(long, value_enum, value_name = "PHASE")]
    pub(crate) until: Option<Step>,
    #[command(flatten)]
    pub(crate) worker: WorkerArgs,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}

#[derive(Args)]
pub(crate) struct DataArgs {
    #[command(flatten)]
    pub(crate) recipe: RecipeArg,
    #[command(flatten)]
    pub(crate) work: WorkArg,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}

#[derive(Args)]
pub(crate) struct SampleArgs {
    #[command(flatten)]
    pub(crate) recipe: RecipeArg,
    /// How many
    #[arg(long, default_value_t = 3)]
    pub(crate) count: usize,
    /// Only examples of this task
    #[arg(long, value_parser = task, value_name = "TASK")]
    pub(crate) task: Option<Task>,
    /// Where among the examples to begin; by chance where none is named
    #[arg(long, value_name = "INDEX")]
    pub(crate) from: Option<u64>,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}

#[derive(Args)]
pub(crate) struct ExportArgs {
    /// The weights, as training leaves them
    #[arg(long, value_name = "FILE.safetensors")]
    pub(crate) weights: PathBuf,
    /// The tokenizer that they were trained with
    #[arg(long, value_name = "tokenizer.json")]
    pub(crate) tokenizer: PathBuf,
    /// How the numbers are kept
    #[arg(long, value_enum, default_value = "q8_0")]
    pub(crate) format: Format,
    /// The file to write
    #[arg(long, value_name = "FILE.gguf")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) recipe: RecipeArg,
}

#[derive(Args)]
pub(crate) struct EvaluateArgs {
    /// The model
    #[arg(long, value_name = "FILE.gguf")]
    pub(crate) model: PathBuf,
    /// By which held-out examples: `dev` while tuning, `test` at last
    #[arg(long, value_parser = split, value_name = "dev|test", default_value = "dev")]
    pub(crate) split: Split,
    /// By so many of each task at most
    #[arg(long, value_name = "COUNT")]
    pub(crate) task_examples_max: Option<usize>,
    /// Where the raw outputs and the summary go
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) recipe: RecipeArg,
    #[command(flatten)]
    pub(crate) worker: WorkerArgs,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}

#[derive(Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    pub(crate) work: WorkArg,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}

fn task(name: &str) -> Result<Task, String> {
    let known = Task::ALL.iter().find(|task| task.name() == name);
    known.copied().ok_or_else(|| {
        let names: Vec<&str> = Task::ALL.iter().map(|task| task.name()).collect();
        format!("there is no such task; name one of {}", names.join(", "))
    })
}

fn split(name: &str) -> Result<Split, String> {
    match Split::ALL.iter().find(|split| split.name() == name) {
        Some(split) if *split != Split::Train => Ok(*split),
        _ => Err("name `dev` or `test`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
        let parse = |words: &[&str]| Cli::try_parse_from(["gyre-forge"].iter().chain(words));
        assert!(parse(&["run", "--size", "nano-s", "--size", "nano-m", "--until", "train"]).is_ok());
        assert!(parse(&["evaluate", "--model", "m.gguf", "--out", "o", "--split", "test"]).is_ok());
        for wrong in [
            vec!["run", "--until", "bake"],
            vec!["evaluate", "--model", "m.gguf", "--out", "o", "--split", "train"],
            vec!["sample", "--task", "sing"],
            vec!["export", "--weights", "w"],
        ] {
            assert!(parse(&wrong).is_err(), "{wrong:?}");
        }
    }
}
