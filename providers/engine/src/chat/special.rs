//! What templates name of a vocabulary.

use super::guard::Guard;

/// What templates may name of the vocabulary.
pub(crate) struct Special {
    pub(crate) bos: String,
    pub(crate) eos: String,
    /// Spellings that texts must not keep.
    pub(crate) guard: Guard,
    /// Those that an assistant's own texts must not keep: templates look for `</think>` in them.
    pub(crate) guard_of_assistant: Guard,
}
