//! What is told of models: what they are able to do, and what they did.

use serde::{Deserialize, Serialize};

use crate::MemoryBytes;

/// A model in the models folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelInfo {
    /// Name: the file's name without `.gguf` or `.onnx`.
    pub name: String,
    /// The architecture its header names.
    pub architecture: String,
    /// It makes embeddings.
    pub embedding: bool,
    /// It completes conversations.
    pub chat: bool,
    /// It ranks documents by a query.
    pub rerank: bool,
    /// It is a graph that takes and gives named tensors.
    pub graph: bool,
}

/// What a loaded model did since it was loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelStats {
    /// Model name.
    pub model: String,
    /// Batches decoded or encoded.
    pub steps: u64,
    /// Tokens in all batches.
    pub tokens: u64,
    /// Most sequences that shared one batch.
    pub sequences_in_batch_max: u32,
    /// Sequences that hold KV memory now.
    pub sequences_live: u32,
    /// Calls that wait for admission now, and sequences that made room for others.
    pub queued: u32,
    /// Memory it takes.
    pub memory: MemoryBytes,
    /// Prompts that began with tokens computed before.
    pub prefix_hits: u64,
    /// How many such tokens.
    pub prefix_tokens_reused: u64,
    /// Prefixes that were kept and had to go for another prompt.
    pub prefix_evictions: u64,
    /// Calls that wait for admission now: of low, normal and high priority.
    pub queued_by_priority: [u32; 3],
    /// Times that a sequence made room for another.
    pub preemptions: u64,
    /// Tokens of prompts in all batches, and tokens that were computed again.
    pub prompt_tokens: u64,
    /// Sampled tokens in all batches.
    pub completion_tokens: u64,
}
