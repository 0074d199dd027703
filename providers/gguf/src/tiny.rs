//! Very small models of random weights: real to llama.cpp, meaningless to a reader. For tests.

mod bert;
mod lora;
mod weights;

use std::path::Path;

use crate::{Array, Builder, GgufError, Value};
use weights::Weights;

pub(crate) use weights::Random;

pub use bert::{random_bert, random_reranker};
pub use lora::random_lora;

const WIDTH: u64 = 64;
const FEED_FORWARD: u64 = 96;
const HEADS: u64 = 4;
const LAYERS: u64 = 2;

/// Context of both models, in tokens.
pub const CONTEXT_TOKENS: u32 = 1024;

/// The number of the first token that is not in every chat model.
pub const MARKS_FROM: u32 = 265;

/// How the chat model's template writes a conversation.
pub const CHAT_TEMPLATE: &str = "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}<|end|>\
     {% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}";

pub(crate) const TOKEN_NORMAL: i32 = 1;
const TOKEN_UNKNOWN: i32 = 2;
const TOKEN_CONTROL: i32 = 3;
const TOKEN_BYTE: i32 = 6;

/// A llama of a vocabulary of bytes with a chat template. Greedy decoding never ends it by itself, and
/// writes printable ASCII only: the rows of all other tokens are zero in its output matrix.
pub fn random_llama(seed: u64, path: &Path) -> Result<(), GgufError> {
    llama(seed, Some(CHAT_TEMPLATE), &[])?.write(path)
}

/// The same model without a chat template.
pub fn random_llama_without_template(seed: u64, path: &Path) -> Result<(), GgufError> {
    llama(seed, None, &[])?.write(path)
}

/// The same model with another chat template.
pub fn random_llama_with_template(seed: u64, template: &str, path: &Path) -> Result<(), GgufError> {
    llama(seed, Some(template), &[])?.write(path)
}

/// The same with these tokens after all others, those that begin like markup as control tokens; the first has the
/// number [`MARKS_FROM`].
pub fn random_llama_with_marks(
    seed: u64,
    template: &str,
    marks: &[&str],
    path: &Path,
) -> Result<(), GgufError> {
    llama(seed, Some(template), marks)?.write(path)
}

fn llama(seed: u64, template: Option<&str>, marks: &[&str]) -> Result<Builder, GgufError> {
    let mut builder = Builder::new("llama");
    let (mut tokens, mut kinds) = byte_vocabulary();
    debug_assert_eq!(tokens.len(), MARKS_FROM as usize);
    tokens.extend(marks.iter().map(|mark| (*mark).to_owned()));
    kinds.extend(marks.iter().map(|mark| match mark.starts_with(['<', '[']) {
        true => TOKEN_CONTROL,
        false => TOKEN_NORMAL,
    }));
    let count = tokens.len() as u64;
    let mut weights = Weights {
        builder: &mut builder,
        random: Random(seed),
    };
    weights.matrix("token_embd.weight", WIDTH, count, 0.5)?;
    weights.output(&tokens)?;
    weights.gain("output_norm.weight")?;
    for layer in 0..LAYERS {
        for (name, columns, rows) in [
            ("attn_q", WIDTH, WIDTH),
            ("attn_k", WIDTH, WIDTH),
            ("attn_v", WIDTH, WIDTH),
            ("attn_output", WIDTH, WIDTH),
            ("ffn_gate", WIDTH, FEED_FORWARD),
            ("ffn_up", WIDTH, FEED_FORWARD),
            ("ffn_down", FEED_FORWARD, WIDTH),
        ] {
            weights.matrix(&format!("blk.{layer}.{name}.weight"), columns, rows, 0.3)?;
        }
        weights.gain(&format!("blk.{layer}.attn_norm.weight"))?;
        weights.gain(&format!("blk.{layer}.ffn_norm.weight"))?;
    }
    put_hyperparameters(&mut builder, "llama");
    builder
        .set("llama.attention.head_count_kv", Value::U32(HEADS as u32))
        .set("llama.attention.layer_norm_rms_epsilon", Value::F32(1e-5))
        .set("llama.rope.dimension_count", Value::U32((WIDTH / HEADS) as u32))
        .set("llama.vocab_size", Value::U32(tokens.len() as u32))
        .set("tokenizer.ggml.model", Value::String("llama".into()))
        .set("tokenizer.ggml.add_space_prefix", Value::Bool(false))
        .set("tokenizer.ggml.unknown_token_id", Value::U32(0))
        .set("tokenizer.ggml.bos_token_id", Value::U32(1))
        .set("tokenizer.ggml.eos_token_id", Value::U32(2))
        .set(
            "tokenizer.ggml.scores",
            Value::Array(Array::F32(vec![0.0; tokens.len()])),
        )
        .set("tokenizer.ggml.tokens", Value::Array(Array::Strings(tokens)))
        .set("tokenizer.ggml.token_type", Value::Array(Array::I32(kinds)));
    if let Some(template) = template {
        builder.set("tokenizer.chat_template", Value::String(template.into()));
    }
    Ok(builder)
}

pub(crate) fn byte_vocabulary() -> (Vec<String>, Vec<i32>) {
    let mut tokens = vec!["<unk>".to_owned(), "<s>".to_owned(), "</s>".to_owned()];
    let mut kinds = vec![TOKEN_UNKNOWN, TOKEN_CONTROL, TOKEN_CONTROL];
    for role in ["system", "user", "assistant", "tool", "end"] {
        tokens.push(format!("<|{role}|>"));
        kinds.push(TOKEN_CONTROL);
    }
    for byte in 0..=u8::MAX {
        tokens.push(format!("<0x{byte:02X}>"));
        kinds.push(TOKEN_BYTE);
    }
    tokens.push("\u{2581}".to_owned());
    kinds.push(TOKEN_NORMAL);
    (tokens, kinds)
}

/// The byte token writes a printable character.
pub(crate) fn is_printable(token: &str) -> bool {
    let byte = token.strip_prefix("<0x").and_then(|it| it.strip_suffix('>'));
    byte.and_then(|it| u8::from_str_radix(it, 16).ok())
        .is_some_and(|it| it.is_ascii_graphic() || it == b' ')
}

fn put_hyperparameters(builder: &mut Builder, architecture: &str) {
    for (key, number) in [
        ("block_count", LAYERS as u32),
        ("context_length", CONTEXT_TOKENS),
        ("embedding_length", WIDTH as u32),
        ("feed_forward_length", FEED_FORWARD as u32),
        ("attention.head_count", HEADS as u32),
    ] {
        builder.set(&format!("{architecture}.{key}"), Value::U32(number));
    }
}
