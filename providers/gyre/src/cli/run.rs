//! The options of `gyre run`: a file to run, or what agents did.

use super::folder::FolderArgs;
use super::given::ModelArg;
use super::list::ListArgs;
use super::server::ServerArgs;
use super::up::key_value;
use super::xdg::state_dir;
use anyhow::Result;
use clap::{Args, Subcommand};
use gyre_command::Mount;
use std::path::{Path, PathBuf};

pub(super) const EXAMPLES: &str = "\
Examples:
  gyre run hello.wasm
  gyre run tool.wasm --dir ./data::/data --env LEVEL=2 -- --verbose /data/in.csv
  gyre run embed.wasm --model all-minilm-l6-v2
  gyre run list --limit 5
  gyre run show 01a1fe26

FILE is a component that exports wasi:cli/run (0.2 or 0.3), or a core module of WASI preview 1, which may use the
crate wasi-nn. It gets no folder, variable, host or model but those named here; stdin, stdout and stderr are yours.
gyre exits with the program's own code; 1 when it traps or its time is over, 64 when it cannot be run.";

const SUFFIXES: [&str; 2] = ["wasm", "wat"];
const WRITABLE: &str = ":rw";

/// `gyre run`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct RunArgs {
    #[command(subcommand)]
    pub(crate) verb: Option<RunVerb>,
    #[command(flatten)]
    pub(crate) program: RunFileArgs,
}

/// What can be asked about runs of agents.
#[derive(Debug, Subcommand)]
pub(crate) enum RunVerb {
    /// List the runs of agents, newest first
    #[command(after_help = "Examples:\n  gyre run list\n  gyre run list --limit 5 --json")]
    List(ListArgs),
    /// Show what happened in the run of an agent, step by step
    #[command(
        after_help = "Examples:\n  gyre run show 01a1fe26\n  gyre run show 01a1fe26 --json | jq .events"
    )]
    Show(RunShowArgs),
}

/// `gyre run show`.
#[derive(Debug, Args)]
pub(crate) struct RunShowArgs {
    /// The run, as `gyre run list` names it; the beginning is enough where only one run has it
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// Print the run with its events as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `gyre run FILE`.
#[derive(Debug, Args)]
pub(crate) struct RunFileArgs {
    /// The program: a path that ends in .wasm or .wat, or has a `/`
    #[arg(value_name = "FILE", value_parser = program_file)]
    pub(crate) file: Option<PathBuf>,
    /// A folder that it may read, and its path in the program; `:rw` at the end lets it write too. May be repeated
    #[arg(long = "dir", value_name = "HOST::GUEST[:rw]", value_parser = mount)]
    pub(crate) mounts: Vec<Mount>,
    /// A variable of its environment; may be repeated
    #[arg(long = "env", value_name = "KEY=VALUE", value_parser = key_value)]
    pub(crate) environment: Vec<(String, String)>,
    /// A host that it may send HTTP requests to, as in allowed_outbound_hosts; may be repeated
    #[arg(long = "allow-host", value_name = "URL")]
    pub(crate) hosts: Vec<String>,
    /// A model that it may load by name: a name in the models folder, or the path of a GGUF file. May be repeated
    #[arg(long, value_name = "PATH|NAME")]
    pub(crate) model: Vec<ModelArg>,
    #[command(flatten)]
    pub(crate) folder: FolderArgs,
    /// Bytes that all its memories may take together
    #[arg(long, value_name = "BYTES", default_value_t = 1 << 30, value_parser = clap::value_parser!(u64).range(65_536..=1 << 36))]
    pub(crate) memory_bytes_max: u64,
    /// Time after which it is ended [default: none]
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) timeout_ms: Option<u64>,
    /// Folder of compiled code [default: $XDG_STATE_HOME/gyre or ~/.local/state/gyre]
    #[arg(long, env = "GYRE_STATE", value_name = "DIR")]
    state: Option<PathBuf>,
    /// Arguments of the program
    #[arg(last = true, value_name = "ARGS")]
    pub(crate) arguments: Vec<String>,
}

impl RunFileArgs {
    /// Where compiled code is kept.
    pub(crate) fn state_dir(&self) -> Result<PathBuf> {
        state_dir(self.state.as_deref())
    }
}

fn program_file(given: &str) -> Result<PathBuf, String> {
    let path = Path::new(given);
    let suffix = path.extension().and_then(|suffix| suffix.to_str());
    if given.contains('/') || suffix.is_some_and(|suffix| SUFFIXES.contains(&suffix)) {
        return Ok(path.to_owned());
    }
    Err(
        "it is neither a file that ends in .wasm or .wat, nor `list` or `show`; \
         write ./NAME for a file with another name"
            .to_owned(),
    )
}

fn mount(given: &str) -> Result<Mount, String> {
    let cure = "write it as HOST::GUEST, or HOST::GUEST:rw to let it write; GUEST begins with `/`";
    let (path, writable) = match given.strip_suffix(WRITABLE) {
        Some(path) => (path, true),
        None => (given, false),
    };
    match path.split_once("::") {
        Some((host, guest)) if !host.is_empty() && guest.starts_with('/') => Ok(Mount {
            host: host.into(),
            guest: guest.to_owned(),
            writable,
        }),
        _ => Err(cure.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Verb};
    use clap::Parser as _;

    fn run(words: &[&str]) -> Result<RunArgs, clap::Error> {
        let parsed = Cli::try_parse_from([&["gyre", "run"][..], words].concat())?;
        match parsed.verb {
            Verb::Run(args) => Ok(*args),
            _ => panic!("not run"),
        }
    }

    #[test]
    fn files_and_subcommands_are_told_apart() {
        for words in [&["list"][..], &["list", "--json"], &["show", "01a1"]] {
            assert!(run(words).is_ok_and(|args| args.verb.is_some()), "{words:?}");
        }
        for words in [&["a.wasm"][..], &["./list"], &["--timeout-ms", "5", "b.wat"]] {
            assert!(
                run(words).is_ok_and(|args| args.verb.is_none() && args.program.file.is_some()),
                "{words:?}"
            );
        }
        for words in [
            &["lst"][..],
            &["a.wasm", "b.wasm"],
            &["--env", "A=1", "list"],
            &["a.wasm", "--env", "A"],
        ] {
            assert!(run(words).is_err(), "{words:?}");
        }
    }

    #[test]
    fn what_follows_the_dashes_is_the_programs() {
        let args = run(&["a.wasm", "--env", "A=1", "--", "--env", "list"])
            .expect("parses")
            .program;
        assert_eq!(args.arguments, ["--env", "list"]);
        assert_eq!(args.environment, [("A".to_owned(), "1".to_owned())]);
    }

    #[test]
    fn folders_are_read_only_unless_said() {
        let of = |host: &str, guest: &str, writable| {
            Ok(Mount {
                host: host.into(),
                guest: guest.to_owned(),
                writable,
            })
        };
        for (given, wanted) in [
            ("./d::/data", of("./d", "/data", false)),
            ("./d::/data:rw", of("./d", "/data", true)),
            ("a:b::/", of("a:b", "/", false)),
        ] {
            assert_eq!(mount(given), wanted, "{given}");
        }
        for given in ["", "d", "d:/data", "::/data", "d::", "d::data"] {
            assert!(mount(given).is_err(), "{given}");
        }
    }
}
