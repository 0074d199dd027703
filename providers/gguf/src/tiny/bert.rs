//! BERTs: one for embeddings, one for ranking.

use std::path::Path;

use super::weights::{Random, Weights};
use super::{CONTEXT_TOKENS, FEED_FORWARD, LAYERS, WIDTH, put_hyperparameters};
use crate::minilm;
use crate::{Array, Builder, GgufError, Value};

/// llama.cpp's numbers of ways to pool.
const POOLING_MEAN: u32 = 1;
const POOLING_RANK: u32 = 4;

/// A BERT of letters with mean pooling.
pub fn random_bert(seed: u64, path: &Path) -> Result<(), GgufError> {
    let mut builder = Builder::new("bert");
    put_layers(&mut Weights {
        builder: &mut builder,
        random: Random(seed),
    })?;
    put_metadata(&mut builder, POOLING_MEAN);
    builder.write(path)
}

/// The same with a head that ranks passages: of the pooled first token to one number.
pub fn random_reranker(seed: u64, path: &Path) -> Result<(), GgufError> {
    let mut builder = Builder::new("bert");
    let mut weights = Weights {
        builder: &mut builder,
        random: Random(seed),
    };
    put_layers(&mut weights)?;
    weights.matrix("cls.weight", WIDTH, WIDTH, 0.3)?;
    weights.bias("cls.bias", WIDTH)?;
    weights.matrix("cls.output.weight", WIDTH, 1, 0.5)?;
    weights.bias("cls.output.bias", 1)?;
    put_metadata(&mut builder, POOLING_RANK);
    builder.write(path)
}

fn put_layers(weights: &mut Weights<'_>) -> Result<(), GgufError> {
    let words = letters().len() as u64;
    weights.matrix("token_embd.weight", WIDTH, words, 0.5)?;
    weights.table("position_embd.weight", WIDTH, u64::from(CONTEXT_TOKENS))?;
    weights.table("token_types.weight", WIDTH, 2)?;
    weights.norm("token_embd_norm")?;
    for layer in 0..LAYERS {
        for (name, columns, rows) in [
            ("attn_q", WIDTH, WIDTH),
            ("attn_k", WIDTH, WIDTH),
            ("attn_v", WIDTH, WIDTH),
            ("attn_output", WIDTH, WIDTH),
            ("ffn_up", WIDTH, FEED_FORWARD),
            ("ffn_down", FEED_FORWARD, WIDTH),
        ] {
            weights.matrix(&format!("blk.{layer}.{name}.weight"), columns, rows, 0.3)?;
            weights.bias(&format!("blk.{layer}.{name}.bias"), rows)?;
        }
        weights.norm(&format!("blk.{layer}.attn_output_norm"))?;
        weights.norm(&format!("blk.{layer}.layer_output_norm"))?;
    }
    Ok(())
}

fn put_metadata(builder: &mut Builder, pooling: u32) {
    let words = letters();
    put_hyperparameters(builder, "bert");
    builder
        .set("bert.attention.layer_norm_epsilon", Value::F32(1e-12))
        .set("bert.attention.causal", Value::Bool(false))
        .set("bert.pooling_type", Value::U32(pooling))
        .set("tokenizer.ggml.model", Value::String("bert".into()))
        .set("tokenizer.ggml.token_type_count", Value::U32(2));
    for (key, id) in [
        ("padding", 0),
        ("unknown", 1),
        ("bos", 2),
        ("cls", 2),
        ("seperator", 3),
        ("mask", 4),
    ] {
        builder.set(&format!("tokenizer.ggml.{key}_token_id"), Value::U32(id));
    }
    let pieces = words.iter().map(|word| minilm::piece(word)).collect();
    let kinds = words.iter().map(|word| minilm::kind(word)).collect();
    builder
        .set("tokenizer.ggml.tokens", Value::Array(Array::Strings(pieces)))
        .set("tokenizer.ggml.token_type", Value::Array(Array::I32(kinds)));
}

fn letters() -> Vec<String> {
    let mut words: Vec<String> = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        .map(str::to_owned)
        .to_vec();
    let characters = || ('a'..='z').chain('0'..='9').chain(".,!?".chars());
    words.extend(characters().map(String::from));
    words.extend(characters().map(|character| format!("##{character}")));
    words
}
