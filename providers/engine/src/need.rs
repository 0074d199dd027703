//! The memory that a model needs, told from its header before it is loaded. Pure.

use gyre_engine_ipc::MemoryBytes;
use gyre_gguf::{Gguf, Value};

use crate::args::Args;
use crate::batch;

/// Bytes of a number in a computation.
const FLOAT_BYTES: u64 = 4;
/// Bytes of a number in a mask.
const MASK_BYTES: u64 = 2;

/// What a header says of a model's size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    weight_bytes: u64,
    /// Of each token in its KV memory.
    kv_bytes: u64,
    context_tokens: u64,
    vocabulary: u64,
    width: u64,
    feed_forward: u64,
}

impl Shape {
    pub(crate) fn of(gguf: &Gguf) -> Self {
        let number = |name| gguf.hyperparameter(name).unwrap_or(0);
        let causal = format!("{}.attention.causal", gguf.architecture());
        // What looks at all tokens at once keeps none of them.
        let keeps = gguf.get(&causal) != Some(&Value::Bool(false));
        Self {
            weight_bytes: gguf.weight_bytes(),
            kv_bytes: if keeps { gguf.kv_bytes(1) } else { 0 },
            context_tokens: gguf.context_length().unwrap_or(u64::from(u32::MAX)),
            vocabulary: gguf.vocabulary_size().unwrap_or(0),
            width: number("embedding_length"),
            feed_forward: number("feed_forward_length"),
        }
    }

    /// Of a model that completes conversations.
    pub(crate) fn of_chat(&self, args: &Args) -> MemoryBytes {
        let limit = self.context_tokens.min(args.context_tokens_max.into()).max(1);
        self.with(Context {
            tokens: limit.next_multiple_of(batch::CONTEXT_STEP.into()),
            sequences: args.sequences().into(),
            batch_tokens: batch::CHAT_TOKENS as u64,
            outputs: self.vocabulary,
        })
    }

    /// Of a model that writes ahead for one that completes conversations: one at a time.
    pub(crate) fn of_draft(&self, args: &Args) -> MemoryBytes {
        let mut one = args.clone();
        one.sequences_max = 1;
        one.prefix_sequences_max = 0;
        self.of_chat(&one)
    }

    /// Of a model that makes a row of numbers of each text.
    pub(crate) fn of_pooled(&self, args: &Args) -> MemoryBytes {
        let tokens = self.context_tokens.min(args.context_tokens_max.into());
        let tokens = tokens.max(batch::POOLED_TOKENS.into());
        self.with(Context {
            tokens,
            sequences: 1,
            batch_tokens: tokens,
            outputs: 0,
        })
    }

    /// llama.cpp tells the size of its buffers only to its log. Most of them are the widest layer of a batch, a few
    /// of its width, and the mask that says which token looks at which; for small models this is what the log says.
    fn with(&self, context: Context) -> MemoryBytes {
        let widest = self.feed_forward.saturating_mul(2).max(context.outputs);
        let numbers = self.width.saturating_mul(4).saturating_add(widest);
        let each = numbers
            .saturating_mul(FLOAT_BYTES)
            .saturating_add(context.tokens.saturating_mul(MASK_BYTES));
        MemoryBytes {
            weights: self.weight_bytes,
            kv: [context.tokens, context.sequences]
                .into_iter()
                .fold(self.kv_bytes, u64::saturating_mul),
            compute: each.saturating_mul(context.batch_tokens),
        }
    }
}

/// How a model is used.
struct Context {
    /// Of one sequence.
    tokens: u64,
    sequences: u64,
    batch_tokens: u64,
    /// Numbers made of each token of a batch.
    outputs: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[test]
    fn memory_follows_from_the_header_and_the_bounds() {
        let folder = tempfile::tempdir().expect("a folder");
        let shape = |write: fn(u64, &std::path::Path) -> Result<(), gyre_gguf::GgufError>| {
            let path = folder.path().join("m.gguf");
            write(1, &path).expect("writes");
            Shape::of(&Gguf::open(&path).expect("is sound"))
        };
        let args = |context: &str| {
            let context = format!("--context-tokens-max={context}");
            Args::parse_from([
                "gyre-engine",
                "--models=m",
                "--sequences-max=3",
                "--prefix-sequences-max=1",
                &context,
            ])
        };
        let talk = shape(gyre_gguf::tiny::random_llama);
        // 2 layers, 64 numbers wide, keys and values, 2 bytes each; a context of 300 is one of 512.
        assert_eq!(talk.of_chat(&args("300")).kv, 2 * 64 * 2 * 2 * 512 * 4);
        assert_eq!(talk.of_chat(&args("9000")).kv, 2 * 64 * 2 * 2 * 1024 * 4);
        assert_eq!(
            talk.of_chat(&args("300")).compute,
            512 * ((4 * 64 + 265) * 4 + 512 * 2)
        );
        let letters = shape(gyre_gguf::tiny::random_bert);
        let memory = letters.of_pooled(&args("9000"));
        assert_eq!((memory.kv, memory.weights), (0, letters.weight_bytes));
        assert_eq!(memory.compute, 1024 * ((4 * 64 + 2 * 96) * 4 + 1024 * 2));
    }
}
