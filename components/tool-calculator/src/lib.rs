//! `tool-calculator`: the leaf of `gyre:tool` that calculates. It has no power over anything.
//!
//! `expression` reads and calculates, `number` keeps fractions exact, `function` has the names, `tool` has the JSON.

pub mod error;
pub mod expression;
pub mod function;
pub mod limits;
pub mod number;
pub mod tool;

#[cfg(target_family = "wasm")]
mod leaf;
