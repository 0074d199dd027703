//! Sizes of contexts and batches, which what a model needs is told from too.

/// Tokens in one batch of completions at most; llama.cpp aborts on more than it was told.
pub(crate) const CHAT_TOKENS: usize = 512;
/// llama.cpp rounds a sequence's context up to this.
pub(crate) const CONTEXT_STEP: u32 = 256;
/// Tokens in one batch of texts that are read whole, unless one text has more. Attention costs the square of it.
pub(crate) const POOLED_TOKENS: u32 = 512;
