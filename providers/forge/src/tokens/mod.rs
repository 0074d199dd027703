//! Token files: what training reads, as [`crate::train::Tokens`] writes them.
//!
//! A target is a token that the model writes: its prediction from those before it counts. The metadata has one entry,
//! [`ABOUT`]: JSON that says which tokenizer, split and seed the tokens were made with.

mod about;
mod error;
mod examples;
mod write;

pub use about::{ABOUT, About};
pub use error::TokensError;
pub use examples::Lines;
pub use write::{Making, Written};
