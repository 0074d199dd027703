//! What a model file says of itself, and what is wrong with one that is no model.

use super::error::Error;
use gyre_gguf::{Gguf, GgufError, Purpose, TypeTotal, folder};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The facts of one sound file.
#[derive(Debug, Serialize)]
pub(super) struct Facts {
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
        let gguf = Gguf::open(path).map_err(|error| unsound(path, error))?;
        let data = std::fs::metadata(path).map_err(Error::disk("read", path))?;
        let weight_bytes = gguf.weight_bytes();
        let cache_bytes_per_token = gguf.cache_bytes_per_token();
        let cache = cache_bytes_per_token
            .zip(gguf.context_length())
            .map(|(bytes, tokens)| bytes.saturating_mul(tokens));
        let facts = Self {
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

fn unsound(path: &Path, error: GgufError) -> Error {
    let (why, cure) = match error {
        GgufError::Io(source) => return Error::disk("read", path)(source),
        error @ GgufError::Truncated { .. } => {
            let why = format!("{error}: the file was cut");
            (why, "remove it and fetch it again with `gyre model pull`")
        }
        error => match disguise(path) {
            Some(what) => (
                format!("it is no GGUF file but {what}"),
                "fetch the GGUF file of the model",
            ),
            None => (
                error.to_string(),
                "fetch a GGUF file of version 3, for example with `gyre model pull`",
            ),
        },
    };
    Error::Unsound {
        path: path.to_owned(),
        why,
        cure,
    }
}

/// What people often take for a model file.
fn disguise(path: &Path) -> Option<&'static str> {
    let mut begin = Vec::new();
    File::open(path).ok()?.take(64).read_to_end(&mut begin).ok()?;
    let begin = begin.to_ascii_lowercase();
    let starts = |with: &[u8]| begin.starts_with(with);
    if starts(b"version https://git-lfs") {
        return Some("a Git LFS pointer");
    }
    if starts(b"<!doctype") || starts(b"<html") {
        return Some("a web page");
    }
    if starts(b"pk\x03\x04") {
        return Some("a zip archive, perhaps of PyTorch");
    }
    if starts(b"ggml") || starts(b"ggjt") || starts(b"fmgg") || starts(b"tjgg") {
        return Some("of an older format that llama.cpp gave up");
    }
    // safetensors: the length of a JSON object, then the object.
    (begin.get(8) == Some(&b'{')).then_some("safetensors")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_file_is_told_for_what_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("m.gguf");
        gyre_gguf::tiny::random_bert(1, &path).expect("a model");
        let good = std::fs::read(&path).expect("a model");
        let cases: [(&[u8], &str); 8] = [
            (b"", "the file was cut"),
            (&good[..good.len() / 2], "the file was cut"),
            (b"<!DOCTYPE html><p>", "a web page"),
            (b"version https://git-lfs.github.com/spec/v1", "a Git LFS pointer"),
            (b"PK\x03\x04....", "a zip archive"),
            (b"\x10\0\0\0\0\0\0\0{\"a\":", "safetensors"),
            (b"GGUF\x02\0\0\0", "its version is 2"),
            (b"some bytes", "does not begin with `GGUF`"),
        ];
        for (bytes, expected) in cases {
            std::fs::write(&path, bytes).expect("a file");
            let error = Facts::read(&path).expect_err("no model").to_string();
            assert!(error.contains(expected) && error.contains("; hint: "), "{error}");
        }
    }
}
