//! The options of whatever runs models: which, and how.

use super::draft::DraftArg;
use super::folder::FolderArgs;
use super::given::ModelArg;
use clap::Args;
use gyre_engine_ipc::{EngineConfig, Price, PriceError, onnxruntime};
use std::path::{Path, PathBuf};

/// What the worker takes for itself, above its models.
const WORKER_BYTES: u64 = 512 << 20;

/// Options of the verbs that run models.
#[derive(Debug, Args)]
pub(crate) struct EngineArgs {
    #[command(flatten)]
    pub(crate) folder: FolderArgs,
    /// A chat model: the path of a GGUF file, a name in the models folder, or `none` for quotes and search by words
    /// only. May be repeated; the first answers when a request names none. The manifest's own (`default_model`) unless
    /// told
    #[arg(long, value_name = "PATH|NAME|none")]
    pub(crate) model: Vec<ModelArg>,
    /// A small model of the same vocabulary that writes ahead for a model given with --model: the name of that model, and
    /// the path of a GGUF file or a name in the models folder. May be repeated
    #[arg(long = "draft", value_name = "MODEL=DRAFT")]
    pub(crate) drafts: Vec<DraftArg>,
    /// Tokens that each conversation may hold, if the model can [default: 4096]
    #[arg(long, value_name = "TOKENS", value_parser = clap::value_parser!(u32).range(256..=1_048_576))]
    pub(crate) context: Option<u32>,
    /// Conversations that a model answers at once; more wait [default: 8]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    pub(crate) parallel: Option<u32>,
    /// What a model's tokens cost, in millionths of a currency unit for a million of them: counted against the budgets
    /// of requests. May be repeated
    #[arg(long = "price", value_name = "MODEL=PROMPT:COMPLETION", value_parser = priced)]
    pub(crate) prices: Vec<(String, Price)>,
    /// Threads that compute for a model [default: one per core, less one]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) threads: Option<u32>,
    /// Memory that all models together may take [default: most of what the machine has free]
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) memory_bytes_max: Option<u64>,
    /// The library of ONNX Runtime, for ONNX models [default: where `cargo xtask setup --onnx` or pip put it]
    #[arg(long, env = onnxruntime::VARIABLE, value_name = "PATH")]
    pub(crate) onnxruntime: Option<PathBuf>,
}

impl EngineArgs {
    /// How the worker is run, models of the command line aside.
    pub(crate) fn config(&self, worker: &Path, models: &Path) -> EngineConfig {
        let mut config = EngineConfig::new(worker, models);
        config.context_tokens_max = self.context.unwrap_or(config.context_tokens_max);
        config.sequences_max = self.parallel.unwrap_or(config.sequences_max);
        config.threads = self.threads;
        config.memory_bytes_max = self.memory_bytes_max;
        config.data_bytes_max = self
            .memory_bytes_max
            .map(|bytes| bytes.saturating_add(WORKER_BYTES));
        config.prices = self.prices.clone();
        // One tenant may hold all sequences and half of the queue: others must still get in.
        config.queue_max = config.queue_max.max(4 * config.sequences_max as usize);
        let given = self.onnxruntime.as_ref();
        let given = given.map(|path| std::path::absolute(path).unwrap_or_else(|_| path.clone()));
        config.onnxruntime = given.or_else(onnxruntime::find);
        config
    }
}

fn priced(given: &str) -> Result<(String, Price), String> {
    let named = given
        .rsplit_once('=')
        .ok_or("write it as MODEL=PROMPT:COMPLETION")?;
    let price = named.1.parse().map_err(|error: PriceError| error.to_string())?;
    Ok((named.0.to_owned(), price))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Verb};
    use clap::Parser as _;

    #[test]
    fn what_the_help_says_of_the_engine_is_so() {
        let of = |arguments: &[&str]| match Cli::parse_from(arguments).verb {
            Verb::Up(args) => args.engine.config(Path::new("w"), Path::new("m")),
            _ => panic!("not up"),
        };
        let config = of(&["gyre", "up"]);
        assert_eq!(
            (config.context_tokens_max, config.sequences_max, config.threads),
            (4096, 8, None)
        );
        assert_eq!(config.memory_bytes_max, None);
        let config = of(&[
            "gyre",
            "up",
            "--context",
            "512",
            "--parallel",
            "2",
            "--threads",
            "3",
            "--memory-bytes-max",
            "1000",
            "--onnxruntime",
            "/lib/there.so",
        ]);
        assert_eq!(config.onnxruntime.as_deref(), Some(Path::new("/lib/there.so")));
        assert_eq!(
            (config.context_tokens_max, config.sequences_max, config.threads),
            (512, 2, Some(3))
        );
        assert_eq!(config.memory_bytes_max, Some(1000));
        assert_eq!((config.queue_max, config.prices), (256, Vec::new()));
        let config = of(&["gyre", "up", "--parallel", "256", "--price", "small=1:2"]);
        let price = Price {
            prompt_micros: 1,
            completion_micros: 2,
        };
        assert_eq!(config.queue_max, 1024);
        assert_eq!(config.prices, [("small".to_owned(), price)]);
        let wrong = ["gyre", "up", "--price", "small=1.5:2"];
        assert!(Cli::try_parse_from(wrong).is_err());
    }
}
