//! What host and worker say to each other. Both are built together, so the wire carries no version.

mod models;

use serde::{Deserialize, Serialize};

use crate::{EngineError, NamedTensor};

pub use models::{ModelInfo, ModelStats};

/// Texts in one embedding call at most.
pub const TEXTS_MAX: usize = 2048;
/// Documents in one call for ranking at most.
pub const DOCUMENTS_MAX: usize = 1024;
/// Bytes of the host's name for a tenant at most.
pub const TENANT_BYTES_MAX: usize = 256;

/// A frame from the host.
#[derive(Debug, Serialize, Deserialize)]
pub struct Call {
    /// Identifies the call; its replies carry it back. The host never uses an id twice.
    pub id: u64,
    /// What is asked.
    pub request: Request,
}

/// What the host asks.
#[derive(Debug, Serialize, Deserialize)]
pub enum Request {
    /// Embed all texts; one `Embeddings` or `Error` answers.
    Embed {
        /// Model name.
        model: String,
        /// The texts, at least one.
        texts: Vec<String>,
    },
    /// Run a graph once; one `Tensors` or `Error` answers.
    Run {
        /// Model name.
        model: String,
        /// Its inputs.
        inputs: Vec<NamedTensor>,
    },
    /// Complete a conversation; `Deltas` then one `Finish` or `Error` answer.
    Chat {
        /// Model name.
        model: String,
        /// Who is charged, as the host names it; the request may divide it.
        tenant: String,
        /// The request as `gyre-chat/1` JSON.
        request_json: Vec<u8>,
    },
    /// The call with this frame's id is not wanted any more; there is no answer.
    Cancel,
    /// The reader of the completion with this id took so many deltas; there is no answer.
    Credit {
        /// How many.
        deltas: u32,
    },
    /// Which models there are; one `Models` or `Error` answers.
    Models,
    /// Whether there is this model; one `Models` with one model, or `Error`, answers.
    Find {
        /// Model name.
        model: String,
    },
    /// Load this model now; `Progress`es then one `Loaded` or `Error` answer.
    Load {
        /// Model name.
        model: String,
    },
    /// Take this model out of memory once its calls are done; one `Unloaded` or `Error` answers then.
    Unload {
        /// Model name.
        model: String,
    },
    /// Rank documents by a query; one `Scores` or `Error` answers.
    Rerank {
        /// Model name.
        model: String,
        /// What is looked for.
        query: String,
        /// The documents, at least one.
        documents: Vec<String>,
    },
    /// Counters of the models loaded; one `Stats` answers, at once.
    Stats,
    /// Exit; there is no answer. The host lets calls end before.
    Shutdown,
    /// Whether the models get on; one `Pulses` answers, at once.
    Pulse,
}

impl Request {
    /// The model that is asked for work.
    pub fn model(&self) -> Option<&str> {
        match self {
            Self::Embed { model, .. }
            | Self::Chat { model, .. }
            | Self::Run { model, .. }
            | Self::Rerank { model, .. }
            | Self::Load { model } => Some(model),
            Self::Unload { .. }
            | Self::Cancel
            | Self::Credit { .. }
            | Self::Models
            | Self::Find { .. }
            | Self::Stats
            | Self::Shutdown
            | Self::Pulse => None,
        }
    }
}

/// A frame from the worker.
#[derive(Debug, Serialize, Deserialize)]
pub struct Reply {
    /// The call answered.
    pub id: u64,
    /// The answer or a piece of it.
    pub response: Response,
}

/// What the worker answers.
#[derive(Debug, Serialize, Deserialize)]
pub enum Response {
    /// Answers `Embed`.
    Embeddings(Embeddings),
    /// Answers `Run`: the outputs of the graph, in its order.
    Tensors(Vec<NamedTensor>),
    /// The next pieces of a completion, in order; one reply spends one credit.
    Deltas(Vec<Delta>),
    /// The end of a completion.
    Finish(Finish),
    /// Answers `Models` and `Find`.
    Models(Vec<ModelInfo>),
    /// A part of a model is loaded.
    Progress {
        /// How much of it, from 0 to 1.
        fraction: f32,
    },
    /// The model asked for with `Load` takes calls.
    Loaded,
    /// The model asked for with `Unload` is gone.
    Unloaded,
    /// Answers `Rerank`.
    Scores(Scores),
    /// Answers `Stats`.
    Stats(Vec<ModelStats>),
    /// The call failed; nothing follows.
    Error(EngineError),
    /// Answers `Pulse`.
    Pulses(Vec<Pulse>),
}

impl Response {
    /// Whether nothing follows it.
    pub(crate) fn is_last(&self) -> bool {
        !matches!(self, Self::Deltas(_) | Self::Progress { .. })
    }

    /// Whether a model that answers so is loaded and works.
    pub(crate) fn is_proof(&self) -> bool {
        !matches!(self, Self::Error(_) | Self::Progress { .. })
    }
}

/// Vectors of unit length, one per text, in the order of the texts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Embeddings {
    /// The model that made them.
    pub model: String,
    /// Length of each vector.
    pub dimension: u32,
    /// The vectors one after another.
    pub data: Vec<f32>,
    /// Tokens read.
    pub prompt_tokens: u32,
    /// Texts longer than the model's context, of which only the beginning was read.
    pub truncated: u32,
}

/// A piece of a completion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Delta {
    /// Text to append.
    Text(String),
    /// A call of a tool, whole.
    ToolCall(ToolCall),
    /// How likely the next token was, where that was asked for. Its text may come later, or in a call.
    Logprobs(Logprobs),
}

/// How likely a token was, in the model's own distribution.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Logprobs {
    /// The token that was chosen.
    pub chosen: TokenLogprob,
    /// The likeliest tokens, likeliest first, as many as were asked for.
    pub top: Vec<TokenLogprob>,
}

/// A token and the logarithm of its probability.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TokenLogprob {
    /// Its text, which may begin or end within a character.
    pub bytes: Vec<u8>,
    /// At most 0, at least -9999.
    pub logprob: f32,
}

/// A call of a tool that the model asked for. Its name is one of the request's tools.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolCall {
    /// Which call of this completion, from 0.
    pub index: u32,
    /// Identifies the call within the conversation.
    pub id: String,
    /// Name of the tool.
    pub name: String,
    /// Arguments: a JSON object.
    pub arguments: String,
}

/// How a completion ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finish {
    /// Why.
    pub reason: FinishReason,
    /// What it cost.
    pub usage: Usage,
    /// The model that answered.
    pub model: String,
}

/// Why a completion ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FinishReason {
    /// The model ended its turn, or a stop string was met.
    Stop,
    /// The token budget or the context was used up.
    Length,
    /// The model called tools and waits for their results.
    ToolCalls,
    /// The cost budget pays for no further token.
    CostExhausted,
    /// The time budget is over.
    TimeExhausted,
}

/// A budget of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BudgetKind {
    /// Tokens of prompt and completion.
    TotalTokens,
    /// Money.
    Cost,
    /// Time since the call arrived.
    Time,
}

impl BudgetKind {
    /// The field of a request's `budget` that sets it.
    pub fn field(self) -> &'static str {
        match self {
            Self::TotalTokens => "total_tokens",
            Self::Cost => "cost_micros_max",
            Self::Time => "time_ms_max",
        }
    }
}

/// Tokens spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens read.
    pub prompt_tokens: u32,
    /// Tokens written.
    pub completion_tokens: u32,
    /// Tokens of those read that were not computed again: an earlier prompt of the same tenant began with them.
    pub cached_prompt_tokens: u32,
}

/// How documents rank.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// The model that ranked.
    pub model: String,
    /// A number for each document, in order: the more it answers the query, the higher.
    pub scores: Vec<f32>,
    /// Tokens read.
    pub prompt_tokens: u32,
    /// Documents longer than the model's context, of which only the beginning was read.
    pub truncated: u32,
}

/// Whether a model's thread gets on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pulse {
    /// Model name.
    pub model: String,
    /// Grows with every step and every part of the model that is loaded.
    pub beats: u64,
    /// It works, or should; a thread that waits for calls or for readers is not busy.
    pub busy: bool,
    /// How long the step at hand may take on a very slow machine.
    pub allowance_ms: u64,
}
