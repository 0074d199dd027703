//! The held-out sets: frozen in `held-out/` before anything was tuned, and what they are checked against.
//!
//! They are JSON lines, packed by gzip; what is hashed is the text, since it alone is the same whatever packed it.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use super::example::hex;
use super::{DataError, DataRecipe, Example, Split, Task, Weights, generate};

/// The seed of all of them.
const SEED: u64 = 20_261_122;
/// Bytes of one set's text at most: a file that unpacks to more is none of ours.
const TEXT_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Hashes of their texts, as `sha256sum` writes and checks them.
const FROZEN: &str = include_str!("../../held-out/SHA256SUMS");

/// One set: examples of one task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldOut {
    /// Tuned by, or measured by.
    pub split: Split,
    /// What it measures.
    pub task: Task,
    /// How many examples it has.
    pub examples: usize,
    /// Its text's name; in the folder `held-out` it is packed, with `.gz` after it.
    pub file: &'static str,
}

const fn set(split: Split, task: Task, examples: usize, file: &'static str) -> HeldOut {
    HeldOut {
        split,
        task,
        examples,
        file,
    }
}

/// All of them.
pub const SETS: [HeldOut; 14] = [
    set(Split::Test, Task::Tool, 400, "test-tool.jsonl"),
    set(Split::Test, Task::Result, 100, "test-result.jsonl"),
    set(Split::Test, Task::Grounded, 400, "test-grounded.jsonl"),
    set(Split::Test, Task::Unknown, 400, "test-unknown.jsonl"),
    set(Split::Test, Task::About, 100, "test-about.jsonl"),
    set(Split::Test, Task::Injection, 400, "test-injection.jsonl"),
    set(Split::Test, Task::Plain, 100, "test-plain.jsonl"),
    set(Split::Dev, Task::Tool, 60, "dev-tool.jsonl"),
    set(Split::Dev, Task::Result, 20, "dev-result.jsonl"),
    set(Split::Dev, Task::Grounded, 60, "dev-grounded.jsonl"),
    set(Split::Dev, Task::Unknown, 60, "dev-unknown.jsonl"),
    set(Split::Dev, Task::About, 20, "dev-about.jsonl"),
    set(Split::Dev, Task::Injection, 60, "dev-injection.jsonl"),
    set(Split::Dev, Task::Plain, 20, "dev-plain.jsonl"),
];

impl HeldOut {
    /// Makes the set anew.
    pub fn make(&self) -> Result<Vec<Example>, DataError> {
        let recipe = DataRecipe {
            seed: SEED,
            split: self.split,
            weights: Weights::only(self.task),
            documents: [].into(),
        };
        // Some come twice in so small a world, and are left out.
        let indices = 0..(self.examples as u64) * 16;
        generate(&recipe, indices)?.take(self.examples).collect()
    }

    /// Its file's text.
    pub fn text(examples: &[Example]) -> Result<String, DataError> {
        let lines: Result<Vec<String>, _> = examples.iter().map(serde_json::to_string).collect();
        Ok(lines?.into_iter().map(|line| line + "\n").collect())
    }

    /// Its file: the text, packed.
    pub fn pack(text: &str) -> std::io::Result<Vec<u8>> {
        let mut packer = GzEncoder::new(Vec::new(), Compression::best());
        packer.write_all(text.as_bytes())?;
        packer.finish()
    }

    /// Reads it from the folder `held-out`; refuses a file that is not what was frozen.
    pub fn read(&self, folder: &Path) -> Result<Vec<Example>, DataError> {
        let path = folder.join(format!("{}.gz", self.file));
        let mut text = String::new();
        let unpack = |packed: Vec<u8>| {
            let unpacker = GzDecoder::new(packed.as_slice());
            unpacker.take(TEXT_BYTES_MAX).read_to_string(&mut text)
        };
        fs::read(&path)
            .and_then(unpack)
            .map_err(|source| DataError::Document { path, source })?;
        let found = hex(&Sha256::digest(&text));
        let frozen = frozen(self.file).unwrap_or_default();
        if found != frozen {
            return Err(DataError::NotFrozen {
                file: self.file,
                frozen: frozen.to_owned(),
                found,
            });
        }
        let examples: Result<Vec<Example>, _> = text.lines().map(serde_json::from_str).collect();
        Ok(examples?)
    }
}

/// The hash that a file was frozen with.
#[must_use]
pub fn frozen(file: &str) -> Option<&'static str> {
    FROZEN
        .lines()
        .filter_map(|line| line.split_once("  "))
        .find_map(|(hash, name)| (name == file).then_some(hash))
}
