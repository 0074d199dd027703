//! What a model is for, as its metadata says, and the memory that its conversations take.

use crate::{Gguf, Value};

/// llama.cpp's number of no pooling, which is as good as none named.
const POOLING_NONE: u64 = 0;
/// llama.cpp's number of pooling for ranking.
const POOLING_RANK: u64 = 4;
/// Bytes of one number in the KV memory.
const KV_NUMBER_BYTES: u64 = 2;

/// What a model can be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It completes conversations: it has a chat template.
    Chat,
    /// It completes text only: it has no chat template.
    Base,
    /// It makes embeddings.
    Embedding,
    /// It ranks passages.
    Ranking,
}

impl Gguf {
    /// What the model can be used for.
    pub fn purpose(&self) -> Purpose {
        match self.hyperparameter("pooling_type") {
            Some(POOLING_RANK) => Purpose::Ranking,
            Some(pooling) if pooling != POOLING_NONE => Purpose::Embedding,
            _ if self.chat_template().is_some() => Purpose::Chat,
            _ => Purpose::Base,
        }
    }

    /// How the model wants a conversation written, in Jinja.
    pub fn chat_template(&self) -> Option<&str> {
        self.text("tokenizer.chat_template")
    }

    /// A whole number of the model's architecture, such as `context_length`.
    pub fn hyperparameter(&self, name: &str) -> Option<u64> {
        let key = format!("{}.{name}", self.architecture());
        self.get(&key).and_then(Value::as_u64)
    }

    /// How many files the model was split into; 1 for a whole one.
    pub fn parts(&self) -> u64 {
        self.get("split.count")
            .and_then(Value::as_u64)
            .unwrap_or(1)
            .max(1)
    }

    /// Bytes that the KV memory of so many tokens takes, as far as the metadata tells; at least this for models
    /// that attend over all tokens.
    pub fn kv_bytes(&self, tokens: u64) -> u64 {
        let number = |name| self.hyperparameter(name);
        let heads = number("attention.head_count").unwrap_or(1).max(1);
        let of_one_head = number("embedding_length").unwrap_or(0) / heads;
        let key = number("attention.key_length").unwrap_or(of_one_head);
        let value = number("attention.value_length").unwrap_or(of_one_head);
        // A list, one number a layer, is not read: then each head counts, which is too much rather than too little.
        let kv_heads = number("attention.head_count_kv").unwrap_or(heads);
        [
            number("block_count").unwrap_or(0),
            kv_heads,
            key.saturating_add(value),
            KV_NUMBER_BYTES,
        ]
        .into_iter()
        .fold(tokens, u64::saturating_mul)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Builder, tiny};

    fn opened(builder: &Builder) -> Gguf {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("m.gguf");
        builder.write(&path).expect("writes");
        Gguf::open(&path).expect("is sound")
    }

    #[test]
    fn the_purpose_is_told_by_pooling_and_template() {
        let template = Value::String("x".into());
        let cases = [
            (None, None, Purpose::Base),
            (None, Some(&template), Purpose::Chat),
            (Some(0), Some(&template), Purpose::Chat),
            (Some(1), None, Purpose::Embedding),
            (Some(3), Some(&template), Purpose::Embedding),
            (Some(4), Some(&template), Purpose::Ranking),
        ];
        for (pooling, template, expected) in cases {
            let mut builder = Builder::new("test");
            if let Some(pooling) = pooling {
                builder.set("test.pooling_type", Value::U32(pooling));
            }
            if let Some(template) = template {
                builder.set("tokenizer.chat_template", template.clone());
            }
            assert_eq!(opened(&builder).purpose(), expected, "{pooling:?}");
        }
    }

    #[test]
    fn kv_memory_is_counted_by_layers_heads_and_tokens() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("m.gguf");
        tiny::random_llama(1, &path).expect("writes");
        let model = Gguf::open(&path).expect("is sound");
        // 2 layers, 4 heads of 16 numbers, keys and values, 2 bytes each.
        assert_eq!(model.kv_bytes(10), 10 * 2 * 4 * (16 + 16) * 2);
        assert_eq!(model.kv_bytes(u64::MAX), u64::MAX, "no overflow");
        assert_eq!(model.parts(), 1);
    }

    #[test]
    fn what_is_grouped_or_named_is_not_guessed() {
        let mut builder = Builder::new("qwen3");
        for (key, number) in [
            ("block_count", 28),
            ("embedding_length", 1024),
            ("attention.head_count", 16),
            ("attention.head_count_kv", 8),
            ("attention.key_length", 128),
            ("attention.value_length", 128),
        ] {
            builder.set(&format!("qwen3.{key}"), Value::U32(number));
        }
        assert_eq!(opened(&builder).kv_bytes(1), 28 * 8 * 256 * 2);
    }
}
