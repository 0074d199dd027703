//! KV memory: which of llama.cpp's sequences are taken.

use gyre_engine_ipc::EngineError;
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::token::LlamaToken;

/// The sequences of one context. A sequence's KV memory is reserved whole.
pub(crate) struct Memory {
    taken: Vec<bool>,
}

/// A sequence that was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    /// llama.cpp's number of it.
    pub(crate) id: usize,
    /// Tokens of the prompt that its memory holds already.
    pub(crate) reused: usize,
}

impl Memory {
    pub(crate) fn new(sequences: usize) -> Self {
        Self {
            taken: vec![false; sequences],
        }
    }

    /// Whether a sequence can be given.
    pub(crate) fn has_room(&self) -> bool {
        self.taken.iter().any(|taken| !taken)
    }

    /// Gives a sequence to a prompt.
    pub(crate) fn take(
        &mut self,
        _context: &mut LlamaContext<'_>,
        _prompt: &[LlamaToken],
    ) -> Result<Room, EngineError> {
        let id = self.taken.iter().position(|taken| !taken);
        let id = id.ok_or_else(|| EngineError::internal("no sequence is free"))?;
        self.taken[id] = true;
        Ok(Room { id, reused: 0 })
    }

    /// Takes a sequence back.
    pub(crate) fn release(&mut self, context: &mut LlamaContext<'_>, id: usize) {
        if let Err(error) = context.clear_kv_cache_seq(u32::try_from(id).ok(), None, None) {
            tracing::error!(%error, "a sequence's memory cannot be freed");
        }
        self.taken[id] = false;
    }
}
