//! Gyre's forge: makes the small chat model gyre-nano, from its training data to the file that the engine loads.
//!
//! - [`data`] generates training examples and holds the frozen ones that the model is measured by.

pub mod data;
