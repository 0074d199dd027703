//! The worker's command line: written by the supervisor in `gyre-engine-ipc`.

use std::path::PathBuf;

use gyre_engine_ipc::{Price, memory};
use gyre_gguf::folder;

/// As the only argument: tell what there is to compute on, as JSON, and end.
pub(crate) const DEVICES: &str = "--devices";

/// With less the worker cannot even say that it has too little.
const MEMORY_BYTES_MIN: u64 = 64 * 1024 * 1024;

/// The Gyre inference worker. The host starts it; its stdin and stdout carry frames, not text.
#[derive(Clone, Debug, clap::Parser)]
pub(crate) struct Args {
    /// The folder of `<model name>.gguf` and `<model name>.onnx` files.
    #[arg(long)]
    pub(crate) models: PathBuf,
    /// A model whose file lies elsewhere; may be repeated.
    #[arg(long = "model", value_name = "NAME=PATH", value_parser = named)]
    pub(crate) given: Vec<(String, PathBuf)>,
    /// A small model that writes ahead for another; may be repeated.
    #[arg(long = "draft", value_name = "NAME=DRAFTNAME", value_parser = drafted)]
    pub(crate) drafts: Vec<(String, String)>,
    /// The library of ONNX Runtime, loaded with the first ONNX model.
    #[arg(long, value_name = "PATH")]
    pub(crate) onnxruntime: Option<PathBuf>,
    /// Stand behind a wall: read models, and nothing else.
    #[arg(long)]
    pub(crate) confined: bool,
    /// Completions decoded together at most, per model.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=256))]
    pub(crate) sequences_max: u32,
    /// Sequences kept beyond those, for prefixes of prompts; fewer where llama.cpp can have no more.
    #[arg(long, default_value_t = 2)]
    pub(crate) prefix_sequences_max: u32,
    /// Context of each completion in tokens; a model's own limit may be lower.
    #[arg(long, default_value_t = 4096, value_parser = clap::value_parser!(u32).range(256..=1_048_576))]
    pub(crate) context_tokens_max: u32,
    /// Calls that wait for admission at most, per model.
    #[arg(long, default_value_t = 256)]
    pub(crate) queue_max: usize,
    /// Tokens of prompts in a step in which somebody is answered; alone, prompts fill the batch.
    #[arg(long, default_value_t = 128, value_parser = clap::value_parser!(u32).range(1..=512))]
    pub(crate) prefill_tokens_max: u32,
    /// What a model's tokens cost, in millionths of a currency unit for a million tokens; may be repeated.
    #[arg(long = "price", value_name = "MODEL=PROMPT:COMPLETION", value_parser = priced)]
    pub(crate) prices: Vec<(String, Price)>,
    /// Deltas a completion may be ahead of its reader.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..=256))]
    pub(crate) delta_window: u32,
    /// Time of one run of an ONNX graph, in milliseconds; it is ended then.
    #[arg(long, default_value_t = 60_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) graph_time_ms_max: u64,
    /// Threads of one model's computation; one per core, less one, when absent.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) threads: Option<u32>,
    /// Bytes this process may take for its own; files that are mapped do not count.
    #[arg(long, value_parser = clap::value_parser!(u64).range(MEMORY_BYTES_MIN..))]
    pub(crate) data_bytes_max: Option<u64>,
    /// Memory that all models together may take; most of what the machine has free at the start, when absent.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) memory_bytes_max: Option<u64>,
}

/// Of the free memory, what models may take: the host, its guests and the pages of files have the rest.
const SHARE_PERCENT: u64 = 90;

impl Args {
    /// Memory that all models together may take. Where the kernel tells nothing there is no limit.
    pub(crate) fn memory_bytes(&self) -> u64 {
        let share = || memory::free().map(|free| free / 100 * SHARE_PERCENT);
        self.memory_bytes_max.or_else(share).unwrap_or(u64::MAX)
    }

    /// The name of the model that writes ahead for this one.
    pub(crate) fn draft_of(&self, model: &str) -> Option<&str> {
        let draft = self.drafts.iter().find(|(name, _)| name == model);
        draft.map(|(_, draft)| draft.as_str())
    }

    /// Sequences of one model's context.
    pub(crate) fn sequences(&self) -> u32 {
        gyre_engine_ipc::sequences(self.sequences_max, self.prefix_sequences_max)
    }

    /// Threads of one model's computation.
    pub(crate) fn threads(&self) -> i32 {
        // One core is left to the host: threads of llama.cpp wait for each other by spinning, and one that has to share its
        // core holds all of them up (measured on two: ten times slower and worse).
        let spare =
            || std::thread::available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1));
        let threads = self.threads.map_or_else(spare, |threads| threads as usize);
        i32::try_from(threads).unwrap_or(i32::MAX)
    }
}

fn named(given: &str) -> Result<(String, PathBuf), String> {
    match given.split_once('=') {
        Some((name, path)) if folder::is_name(name) && !path.is_empty() => {
            Ok((name.to_owned(), PathBuf::from(path)))
        }
        _ => Err("write it as NAME=PATH".to_owned()),
    }
}

fn drafted(given: &str) -> Result<(String, String), String> {
    match given.split_once('=') {
        Some((name, draft)) if folder::is_name(name) && folder::is_name(draft) => {
            Ok((name.to_owned(), draft.to_owned()))
        }
        _ => Err("write it as NAME=DRAFTNAME".to_owned()),
    }
}

fn priced(given: &str) -> Result<(String, Price), String> {
    let read = |(name, price): (&str, &str)| Some((name.to_owned(), price.parse().ok()?));
    // A model's name may hold an equals sign, a price none.
    let priced = given.rsplit_once('=').and_then(read);
    priced.ok_or_else(|| "write it as MODEL=PROMPT:COMPLETION, two whole numbers".to_owned())
}
