//! The tokenizer: byte-level BPE learnt from rendered conversations, with each digit a token of its own.
//!
//! Data flows one way: texts → words (`words`) → merges (`merges`) → the file (`file`), which [`Vocabulary`] reads.

mod error;
mod file;
mod learn;
mod merges;
mod vocabulary;
mod words;

pub use error::TokenizerError;
pub use learn::{Learner, Learnt};
pub use vocabulary::{Encoded, Vocabulary};

/// How texts are cut into words before they become tokens: the pattern that llama.cpp knows by the name
/// [`PRE_TOKENIZER`].
pub const PATTERN: &str = r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// What llama.cpp calls [`PATTERN`].
pub const PRE_TOKENIZER: &str = "qwen2";

/// Tokens that are no bytes: the first numbers, in this order.
pub const SPECIALS: [&str; 5] = [
    crate::render::TEXT_END,
    crate::render::TURN_START,
    crate::render::TURN_END,
    crate::render::CALL_START,
    crate::render::CALL_END,
];

/// Tokens that every vocabulary has: the special ones and one for each byte.
pub const TOKENS_MIN: usize = SPECIALS.len() + 256;
/// A token file keeps numbers of 16 bits.
pub const TOKENS_MAX: usize = 1 << 16;
