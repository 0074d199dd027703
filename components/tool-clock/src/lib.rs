//! `tool-clock`: the leaf of `gyre:tool` that tells the time. Its only power is to read the clock.
//!
//! `now` and `difference` are the two tools, `arguments` reads what they are given; all three are pure.

pub mod arguments;
pub mod difference;
pub mod now;

#[cfg(target_family = "wasm")]
mod leaf;

/// What a tool answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// For models to read.
    pub text: String,
    /// The same as JSON.
    pub structured: String,
}
