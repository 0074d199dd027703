//! The phases themselves: what each is made of, and how.

mod data;
mod evaluate;
mod export;
mod report;
mod tokenizer;
mod tokens;
mod train;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{PhaseError, Recipe, Work};
use crate::train::Watch;

pub(super) use data::data;
pub use data::examples;
pub(super) use evaluate::evaluate;
pub use evaluate::{Subject, measure};
pub(super) use export::export;
pub(super) use report::report;
pub(super) use tokenizer::tokenizer;
pub(super) use tokens::tokens;
pub(super) use train::train;

/// Files of phases that later ones read.
pub(super) const TRAIN: &str = "train.jsonl";
pub(super) const WATCHED: &str = "watch.jsonl";
pub(super) const TOKENIZER: &str = "tokenizer.json";
pub(super) const TRAIN_TOKENS: &str = "train.safetensors";
pub(super) const WATCHED_TOKENS: &str = "watch.safetensors";
pub(super) const WEIGHTS: &str = "model.safetensors";
pub(super) const SUMMARY: &str = "summary.json";
pub(super) const OUTCOMES: &str = "outcomes.jsonl";

/// What all phases are given.
pub struct Making<'a> {
    /// What is made.
    pub recipe: &'a Recipe,
    /// Where.
    pub work: Work<'a>,
    /// The worker's program, where it is not beside this one.
    pub worker: Option<&'a Path>,
    /// The folder of the held-out examples.
    pub held_out: &'a Path,
    /// Set when all is to stop.
    pub stop: &'a AtomicBool,
    /// Makes who watches a training.
    pub watch: &'a dyn Fn() -> Box<dyn Watch>,
}

impl Making<'_> {
    /// Fails once a stop was asked for.
    pub(super) fn go_on(&self) -> Result<(), PhaseError> {
        match self.stop.load(Ordering::Relaxed) {
            true => Err(PhaseError::Interrupted),
            false => Ok(()),
        }
    }
}
