//! Gyre's forge: makes the small chat model gyre-nano, from its training data to the file that the engine loads.
//!
//! - [`data`] generates training examples and holds the frozen ones that the model is measured by.
//! - [`render`] writes conversations as the model reads them, and [`tokenizer`] makes them tokens.
//! - [`tokens`] writes files of them, [`model`] is the model and [`train`] trains it.
//! - [`export`] writes GGUF files and [`evaluate`] measures them by a real worker.
//! - [`phases`] does all of it by a recipe, each phase once.

pub mod data;
pub mod evaluate;
pub mod export;
pub mod hash;
pub mod model;
pub mod phases;
pub mod progress;
pub mod render;
pub mod tokenizer;
pub mod tokens;
pub mod train;
