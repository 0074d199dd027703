//! What the supervisor needs to know.

use std::path::PathBuf;
use std::time::Duration;

use crate::Price;

/// Sequences that a context of llama.cpp can have.
const SEQUENCES_MAX: u32 = 256;

/// Sequences of one model's context, each with the memory of a whole context: those that run, and those that only keep
/// prefixes of prompts.
pub fn sequences(sequences_max: u32, prefix_sequences_max: u32) -> u32 {
    let prefixes = prefix_sequences_max.min(SEQUENCES_MAX.saturating_sub(sequences_max));
    sequences_max.saturating_add(prefixes)
}

/// How to run the worker, and the bounds on calling it.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// The worker's executable, `gyre-engine`.
    pub worker: PathBuf,
    /// The folder of `<model name>.gguf` files.
    pub models_dir: PathBuf,
    /// Models whose files lie elsewhere, by name.
    pub models: Vec<(String, PathBuf)>,
    /// Models that write ahead for others: the name of each model that has one, and the name of its draft model.
    pub drafts: Vec<(String, String)>,
    /// The library of ONNX Runtime, which the worker loads with the first ONNX model; see [`crate::onnxruntime::find`].
    pub onnxruntime: Option<PathBuf>,
    /// Models that a worker loads at once when it is started again, not with the first call.
    pub reload: Vec<String>,
    /// Calls in flight at most, over all models; more are refused as overloaded.
    pub queue_max: usize,
    /// Bytes of requests in flight at most.
    pub queue_bytes_max: u32,
    /// Completions decoded together at most, per model (1 to 256).
    pub sequences_max: u32,
    /// Sequences kept beyond those, per model, so that prefixes of prompts outlast a time when all run; fewer where
    /// there would be more than 256. Each takes the memory of one more completion.
    pub prefix_sequences_max: u32,
    /// Context of each completion, in tokens; a model's own limit may be lower.
    pub context_tokens_max: u32,
    /// Tokens of prompts in a step in which somebody is answered (1 to 512); alone, prompts fill the batch.
    pub prefill_tokens_max: u32,
    /// What models cost, by name: what requests with a budget of money are counted by.
    pub prices: Vec<(String, Price)>,
    /// Threads of one model's computation; `None` is one per core, less one.
    pub threads: Option<u32>,
    /// Memory that all models together may take; `None` is most of what the machine has free when the worker starts.
    pub memory_bytes_max: Option<u64>,
    /// Deltas a completion may be ahead of its reader (1 to 256); then only that completion pauses.
    pub delta_window: u32,
    /// Whether the worker stands behind a wall of its own: it reads models, and nothing else.
    pub confined: bool,
    /// How long a call waits for a worker that is starting.
    pub start_wait: Duration,
    /// A worker that says nothing for so long, though asked, is hung: it is killed and started again.
    pub answer_wait: Duration,
    /// A model that should compute and makes no progress for so long is hung; a step that is known to be long gets more.
    pub step_wait: Duration,
    /// How long one run of an ONNX graph may take; it is ended then.
    pub graph_wait: Duration,
    /// Bytes the worker may take for its own: contexts, buffers, and weights that are not mapped from their file.
    pub data_bytes_max: Option<u64>,
}

impl EngineConfig {
    /// Bounds that suit a laptop; each may be changed before the start.
    pub fn new(worker: impl Into<PathBuf>, models_dir: impl Into<PathBuf>) -> Self {
        Self {
            worker: worker.into(),
            models_dir: models_dir.into(),
            models: Vec::new(),
            drafts: Vec::new(),
            onnxruntime: None,
            reload: Vec::new(),
            queue_max: 256,
            queue_bytes_max: 64 * 1024 * 1024,
            sequences_max: 8,
            prefix_sequences_max: 2,
            context_tokens_max: 4096,
            prefill_tokens_max: 128,
            prices: Vec::new(),
            threads: None,
            memory_bytes_max: None,
            delta_window: 32,
            confined: false,
            start_wait: Duration::from_secs(5),
            answer_wait: Duration::from_secs(10),
            step_wait: Duration::from_secs(30),
            graph_wait: Duration::from_secs(60),
            data_bytes_max: None,
        }
    }

    /// Sequences that hold memory, per model.
    pub fn sequences(&self) -> u32 {
        sequences(self.sequences_max, self.prefix_sequences_max)
    }

    /// The worker's command line.
    pub(crate) fn arguments(&self) -> Vec<std::ffi::OsString> {
        let mut arguments = vec!["--models".into(), self.models_dir.clone().into_os_string()];
        for (name, path) in &self.models {
            let mut given = std::ffi::OsString::from(format!("{name}="));
            given.push(path);
            arguments.extend(["--model".into(), given]);
        }
        if let Some(library) = &self.onnxruntime {
            arguments.extend(["--onnxruntime".into(), library.clone().into_os_string()]);
        }
        if self.confined {
            arguments.push("--confined".into());
        }
        let mut option = |name: &str, value: String| {
            arguments.push(name.into());
            arguments.push(value.into());
        };
        for (name, draft) in &self.drafts {
            option("--draft", format!("{name}={draft}"));
        }
        option("--sequences-max", self.sequences_max.to_string());
        option("--prefix-sequences-max", self.prefix_sequences_max.to_string());
        option("--context-tokens-max", self.context_tokens_max.to_string());
        option("--queue-max", self.queue_max.to_string());
        option("--prefill-tokens-max", self.prefill_tokens_max.to_string());
        for (name, price) in &self.prices {
            option("--price", format!("{name}={price}"));
        }
        option("--delta-window", self.delta_window.to_string());
        option("--graph-time-ms-max", self.graph_wait.as_millis().to_string());
        if let Some(threads) = self.threads {
            option("--threads", threads.to_string());
        }
        if let Some(bytes) = self.data_bytes_max {
            option("--data-bytes-max", bytes.to_string());
        }
        if let Some(bytes) = self.memory_bytes_max {
            option("--memory-bytes-max", bytes.to_string());
        }
        arguments
    }
}
