//! What a GGUF file says of itself.

use super::error::Error;
use super::unsound;
use gyre_gguf::{Gguf, Purpose, TypeTotal, folder};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The facts of one sound file.
#[derive(Debug, Serialize)]
pub(super) struct Facts {
    format: &'static str,
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
    pub(super) architecture: String,
    /// What its makers call it.
    pub(super) title: Option<String>,
    pub(super) parameters: u64,
    pub(super) quantisation: &'static str,
    pub(super) context_length: Option<u64>,
    pub(super) vocabulary_size: Option<u64>,
    /// Whether it can continue a conversation.
    pub(super) chat: bool,
    /// Whether it makes embeddings.
    pub(super) embedding: bool,
    /// Whether it ranks documents.
    pub(super) ranking: bool,
    pub(super) chat_template: bool,
    pub(super) weight_bytes: u64,
    pub(super) cache_bytes_per_token: Option<u64>,
    /// Weights, and the cache for the whole context. Buffers of the engine come on top.
    pub(super) memory_bytes: Option<u64>,
    pub(super) tensors: BTreeMap<&'static str, TypeTotal>,
}

impl Facts {
    /// Reads the header of the file.
    pub(super) fn read(path: &Path) -> Result<(Self, Gguf), Error> {
        let gguf = Gguf::open(path).map_err(|error| unsound::gguf(path, error))?;
        let data = std::fs::metadata(path).map_err(Error::disk("read", path))?;
        let weight_bytes = gguf.weight_bytes();
        let cache_bytes_per_token = gguf.cache_bytes_per_token();
        let cache = cache_bytes_per_token
            .zip(gguf.context_length())
            .map(|(bytes, tokens)| bytes.saturating_mul(tokens));
        let facts = Self {
            format: "gguf",
            name: folder::name_of(path),
            path: path.to_owned(),
            bytes: data.len(),
            architecture: gguf.architecture().to_owned(),
            title: gguf.title().map(str::to_owned),
            parameters: gguf.parameters(),
            quantisation: gguf.quantisation(),
            context_length: gguf.context_length(),
            vocabulary_size: gguf.vocabulary_size(),
            chat: gguf.can_chat(),
            embedding: gguf.makes_embeddings(),
            ranking: gguf.purpose() == Purpose::Ranking,
            chat_template: gguf.chat_template().is_some(),
            weight_bytes,
            cache_bytes_per_token,
            memory_bytes: cache.map(|cache| cache.saturating_add(weight_bytes)),
            tensors: gguf.tensor_types(),
        };
        Ok((facts, gguf))
    }

    /// What gyre can do with it, in one word.
    pub(super) fn ability(&self) -> &'static str {
        match (self.chat, self.embedding, self.ranking) {
            (true, ..) => "chat",
            (_, true, _) => "embeddings",
            (.., true) => "ranking",
            _ => "nothing",
        }
    }
}
