//! Conversations as the model reads them: text, and which of it the model writes.
//!
//! The engine renders the same template out of the GGUF, by `chat/template` of `gyre-engine`. What is done here is what
//! it does there, with the same library and settings: a model is asked in exactly the words that it was trained on.
//! `tests/whole/exact.rs` holds both against each other.

mod conversation;
mod environment;
mod guard;
mod json;
mod rendered;

pub use conversation::arguments_text;
pub use environment::{RenderError, Renderer};
pub use guard::{MARK, parts};
pub use rendered::{Piece, Rendered};

/// The chat template, as the GGUF carries it.
pub const TEMPLATE: &str = include_str!("template.jinja");

/// Begins a turn.
pub const TURN_START: &str = "<|im_start|>";
/// Ends a turn: the token that ends an answer.
pub const TURN_END: &str = "<|im_end|>";
/// Ends a text that is no conversation.
pub const TEXT_END: &str = "<|endoftext|>";
/// Begins a call of a tool.
pub const CALL_START: &str = "<tool_call>";
/// Ends a call of a tool.
pub const CALL_END: &str = "</tool_call>";

/// Tokens that only the template may write.
pub const CONTROL: [&str; 3] = [TEXT_END, TURN_START, TURN_END];
/// Tokens that are added as words: the model writes them, users do not.
pub const MARKUP: [&str; 2] = [CALL_START, CALL_END];
