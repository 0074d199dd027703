//! KV memory: which of llama.cpp's sequences a prompt gets, and what it finds there.
//!
//! Every sequence has a stream of its own (`kv_unified` is off), and between streams llama.cpp copies whole ones only: a
//! partial copy aborts the process. So a prefix is copied whole and cut afterwards. llama.cpp notes a copy and does
//! it before the next batch, in the order noted.

use std::sync::Arc;

use gyre_engine_ipc::EngineError;
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::token::LlamaToken;

pub(crate) use super::pool::{Awaited, Limits};
use super::pool::{Choice, Pool, Seat};
use crate::counters::Counters;

/// The sequences of one context. A sequence's KV memory is reserved whole.
pub(crate) struct Memory {
    pool: Pool,
    counters: Arc<Counters>,
}

/// A sequence that was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    /// llama.cpp's number of it.
    pub(crate) id: usize,
    /// Tokens of the prompt that its memory holds already.
    pub(crate) reused: usize,
}

/// What a prompt got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    Room(Room),
    /// Another prompt that begins alike is being fed: ask again when this is over.
    Wait(Awaited),
}

impl Memory {
    /// Of an empty context. `whole_only`: its model cannot forget the end of a sequence.
    pub(crate) fn new(limits: Limits, whole_only: bool, counters: Arc<Counters>) -> Self {
        let pool = Pool::new(limits, whole_only);
        Self { pool, counters }
    }

    /// Whether a sequence can be given.
    pub(crate) fn has_room(&self) -> bool {
        self.pool.has_room()
    }

    /// Whether so much was copied that the next batch comes first.
    pub(crate) fn is_copying(&self) -> bool {
        self.pool.is_copying()
    }

    /// Whether a prompt that waits is to ask again.
    pub(crate) fn is_over(&self, awaited: &Awaited) -> bool {
        self.pool.is_over(awaited)
    }

    /// Gives a sequence to a prompt. It sees what was computed under the same salt, and nothing else.
    pub(crate) fn take(
        &mut self,
        context: &mut LlamaContext<'_>,
        salt: &str,
        prompt: &[LlamaToken],
    ) -> Result<Taken, EngineError> {
        let choice = self.pool.choose(salt, prompt);
        let seat = match choice.ok_or_else(|| EngineError::internal("no sequence is free"))? {
            Choice::Wait(awaited) => return Ok(Taken::Wait(awaited)),
            Choice::Run(seat) => seat,
        };
        self.pool.prepare(&seat);
        if let Some(park) = seat.park {
            copy(context, seat.id, park)?;
        }
        if let Some(from) = seat.from {
            copy(context, from, seat.id)?;
        }
        let reused = self.cut(context, &seat)?;
        self.pool.begin(seat.id, salt, prompt, reused);
        self.counters.prefix(reused, seat.evicts);
        let id = seat.id;
        Ok(Taken::Room(Room { id, reused }))
    }

    /// Notes that a token goes into a sequence that was given.
    pub(crate) fn feed(&mut self, id: usize, token: LlamaToken) {
        self.pool.feed(id, token);
    }

    /// Takes a sequence back; what it holds stays until its room is needed.
    pub(crate) fn release(&mut self, id: usize) {
        self.pool.end(id);
    }

    /// Takes a sequence back whose memory is not to be trusted.
    pub(crate) fn discard(&mut self, context: &mut LlamaContext<'_>, id: usize) {
        self.pool.empty(id);
        if let Err(error) = remove(context, id, 0) {
            tracing::error!(%error, "a sequence's memory cannot be freed");
        }
    }

    /// Removes what is not of the prompt, and says how many tokens are left.
    fn cut(&mut self, context: &mut LlamaContext<'_>, seat: &Seat) -> Result<usize, EngineError> {
        let Seat { id, tokens, cut, .. } = *seat;
        if !cut {
            return Ok(tokens);
        }
        if tokens > 0 {
            let is_cut = remove(context, id, tokens)?;
            if !is_cut {
                self.pool.keep_whole();
            }
            // Models with a sliding window may have forgotten the beginning.
            if is_cut && context.kv_cache_seq_pos_min(sequence(id)) == 0 {
                return Ok(tokens);
            }
        }
        remove(context, id, 0)?;
        Ok(0)
    }
}

/// Copies a sequence whole.
fn copy(context: &mut LlamaContext<'_>, from: usize, to: usize) -> Result<(), EngineError> {
    remove(context, to, 0)?;
    let copied = context.copy_kv_cache_seq(sequence(from), sequence(to), None, None);
    copied.map_err(|error| EngineError::internal(format!("a prefix cannot be copied: {error}")))
}

/// Removes the tokens of a sequence from a position on; false where its model cannot forget only the end.
fn remove(context: &mut LlamaContext<'_>, id: usize, first: usize) -> Result<bool, EngineError> {
    let first = u32::try_from(first).ok().filter(|first| *first > 0);
    let removed = context.clear_kv_cache_seq(u32::try_from(id).ok(), first, None);
    removed.map_err(|error| EngineError::internal(format!("a sequence's memory cannot be freed: {error}")))
}

/// llama.cpp's type of it: ids are below 256.
fn sequence(id: usize) -> i32 {
    i32::try_from(id).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gyre_gguf::tiny;
    use llama_cpp_2::context::params::LlamaContextParams;
    use llama_cpp_2::llama_batch::LlamaBatch;
    use llama_cpp_2::model::LlamaModel;
    use llama_cpp_2::model::params::LlamaModelParams;
    use std::num::NonZeroU32;

    /// Runs a prompt, and says how much of it was there and which token comes next.
    fn run(
        memory: &mut Memory,
        context: &mut LlamaContext<'_>,
        salt: &str,
        prompt: &[LlamaToken],
    ) -> (usize, usize) {
        let Ok(Taken::Room(room)) = memory.take(context, salt, prompt) else {
            panic!("nobody else runs");
        };
        let mut batch = LlamaBatch::new(prompt.len(), 1);
        for (position, token) in prompt.iter().enumerate().skip(room.reused) {
            let is_last = position + 1 == prompt.len();
            let position = i32::try_from(position).expect("small");
            batch
                .add(*token, position, &[sequence(room.id)], is_last)
                .expect("fits");
            memory.feed(room.id, *token);
        }
        context.decode(&mut batch).expect("decodes");
        memory.release(room.id);
        let logits = context.get_logits_ith(batch.n_tokens() - 1);
        let best = (0..logits.len()).max_by(|a, b| logits[*a].total_cmp(&logits[*b]));
        (room.reused, best.expect("some"))
    }

    #[test]
    fn tenants_with_one_prompt_get_one_answer_and_share_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("talk.gguf");
        tiny::random_llama(7, &path).expect("writes");
        let backend = crate::chat::llama();
        let model = LlamaModel::load_from_file(backend, &path, &LlamaModelParams::default()).expect("loads");
        let limits = Limits {
            sequences: 4,
            running_max: 4,
            context_tokens: 256,
        };
        let params = LlamaContextParams::default()
            .with_n_ctx(NonZeroU32::new(4 * 256))
            .with_n_seq_max(4)
            .with_kv_unified(false)
            .with_n_threads(1)
            .with_n_threads_batch(1);
        let mut context = model.new_context(backend, params).expect("a context");
        let counters = Arc::new(Counters::default());
        let mut memory = Memory::new(limits, false, Arc::clone(&counters));
        let prompt = vec![LlamaToken(70); 100];
        let mut run = |salt| run(&mut memory, &mut context, salt, &prompt);

        let (reused, next) = run("a");
        assert_eq!(reused, 0);
        assert_eq!(run("b"), (0, next));
        assert_eq!(run(""), (0, next));
        assert_eq!(run("a"), (99, next));
        assert_eq!(run("b"), (99, next));
        let seen = counters.read("talk", [0; 3], gyre_engine_ipc::MemoryBytes::default());
        let counted = (seen.prefix_hits, seen.prefix_tokens_reused, seen.prefix_evictions);
        assert_eq!(counted, (2, 2 * 99, 0));
    }
}
