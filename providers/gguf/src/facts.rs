//! What a file says of its model, in the words of people.

use crate::{Array, Gguf, Purpose, Value, tensor};
use std::collections::BTreeMap;

/// Tensors of one type.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct TypeTotal {
    /// How many tensors.
    pub tensors: u64,
    /// Numbers in them.
    pub items: u64,
    /// Bytes they take.
    pub bytes: u64,
}

impl Gguf {
    /// The name that its makers gave it.
    pub fn title(&self) -> Option<&str> {
        self.text("general.name")
    }

    /// Numbers in all tensors.
    pub fn parameters(&self) -> u64 {
        self.tensors()
            .iter()
            .fold(0, |sum, tensor| sum.saturating_add(tensor.items()))
    }

    /// Bytes of all tensors.
    pub fn weight_bytes(&self) -> u64 {
        self.tensors()
            .iter()
            .fold(0, |sum, tensor| sum.saturating_add(tensor.bytes))
    }

    /// Its tensors, summed by the name of their type.
    pub fn tensor_types(&self) -> BTreeMap<&'static str, TypeTotal> {
        let mut totals = BTreeMap::<_, TypeTotal>::new();
        for tensor in self.tensors() {
            let total = totals.entry(tensor::type_name(tensor.kind)).or_default();
            total.tensors += 1;
            total.items = total.items.saturating_add(tensor.items());
            total.bytes = total.bytes.saturating_add(tensor.bytes);
        }
        totals
    }

    /// How its weights are quantised, as the file says, else the type that most of its bytes have.
    pub fn quantisation(&self) -> &'static str {
        let said = self.get("general.file_type").and_then(Value::as_u64);
        said.and_then(file_type).unwrap_or_else(|| {
            let types = self.tensor_types();
            let most = types.into_iter().max_by_key(|(_, total)| total.bytes);
            most.map_or("none", |(name, _)| name)
        })
    }

    /// Tokens it was trained to read at once.
    pub fn context_length(&self) -> Option<u64> {
        self.hyperparameter("context_length")
    }

    /// Tokens it knows.
    pub fn vocabulary_size(&self) -> Option<u64> {
        match self.get("tokenizer.ggml.tokens") {
            Some(Value::Array(Array::Skipped { len, .. })) => Some(*len),
            Some(Value::Array(Array::Strings(tokens))) => Some(tokens.len() as u64),
            _ => self.hyperparameter("vocab_size"),
        }
    }

    /// Whether it makes one vector of a text.
    pub fn makes_embeddings(&self) -> bool {
        self.purpose() == Purpose::Embedding
    }

    /// Whether it can continue a conversation.
    pub fn can_chat(&self) -> bool {
        self.purpose() == Purpose::Chat
    }

    /// Bytes of the KV cache for each token of its context; none where the file does not say enough.
    /// A model that makes embeddings keeps no cache.
    pub fn cache_bytes_per_token(&self) -> Option<u64> {
        if self.makes_embeddings() {
            return Some(0);
        }
        self.hyperparameter("attention.head_count")
            .filter(|heads| *heads > 0)?;
        Some(self.kv_bytes(1)).filter(|bytes| *bytes > 0)
    }
}

/// The name of a `general.file_type`, as llama.cpp numbers them.
fn file_type(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "F32",
        1 => "F16",
        2 => "Q4_0",
        3 => "Q4_1",
        7 => "Q8_0",
        8 => "Q5_0",
        9 => "Q5_1",
        10 => "Q2_K",
        11 => "Q3_K_S",
        12 => "Q3_K_M",
        13 => "Q3_K_L",
        14 => "Q4_K_S",
        15 => "Q4_K_M",
        16 => "Q5_K_S",
        17 => "Q5_K_M",
        18 => "Q6_K",
        19 => "IQ2_XXS",
        20 => "IQ2_XS",
        21 => "Q2_K_S",
        22 => "IQ3_XS",
        23 => "IQ3_XXS",
        24 => "IQ1_S",
        25 => "IQ4_NL",
        26 => "IQ3_S",
        27 => "IQ3_M",
        28 => "IQ2_S",
        29 => "IQ2_M",
        30 => "IQ4_XS",
        31 => "IQ1_M",
        32 => "BF16",
        36 => "TQ1_0",
        37 => "TQ2_0",
        38 => "MXFP4",
        _ => return None,
    })
}
