//! Models of random weights in the shape of real ones. They say nothing, and cost what those cost.

use gyre_gguf::{Array, Builder, GgufError, TensorType, Value, tiny};
use std::path::Path;
use std::sync::Arc;

/// Prime, so that rows differ.
const BLOCK_NUMBERS: usize = 1_048_573;
const TOKEN_NORMAL: i32 = 1;
const TOKEN_CONTROL: i32 = 3;
const TOKEN_BYTE: i32 = 6;

/// The shape of a model of the architecture `llama`.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    layers: u64,
    width: u64,
    feed_forward: u64,
    heads: u64,
    heads_kv: u64,
    vocabulary: u64,
}

/// As Llama 3.2 1B, as Llama 3.1 8B, a small one to compare answers with, and one to try this program with.
pub(crate) const SHAPES: [Shape; 4] = [
    shape("1b", [16, 2048, 8192, 32, 8, 128_256]),
    shape("8b", [32, 4096, 14_336, 32, 8, 128_256]),
    shape("small", [8, 512, 1536, 8, 4, 4096]),
    shape("tiny", [2, 64, 96, 4, 2, 512]),
];

const fn shape(name: &'static str, sizes: [u64; 6]) -> Shape {
    let [layers, width, feed_forward, heads, heads_kv, vocabulary] = sizes;
    Shape {
        name,
        layers,
        width,
        feed_forward,
        heads,
        heads_kv,
        vocabulary,
    }
}

/// Writes the file, weights in 16 bits.
pub(crate) fn write(shape: Shape, path: &Path) -> Result<(), GgufError> {
    let Shape {
        layers,
        width,
        feed_forward,
        heads,
        heads_kv,
        vocabulary,
        ..
    } = shape;
    let mut file = Builder::new("llama");
    let block = block(width);
    let kv = width / heads * heads_kv;
    let matrix = |file: &mut Builder, name: &str, columns: u64, rows: u64| {
        file.repeated(name, &[columns, rows], TensorType::F16, &block)
            .map(drop)
    };
    matrix(&mut file, "token_embd.weight", width, vocabulary)?;
    matrix(&mut file, "output.weight", width, vocabulary)?;
    gain(&mut file, "output_norm.weight", width)?;
    for layer in 0..layers {
        for (name, columns, rows) in [
            ("attn_q", width, width),
            ("attn_k", width, kv),
            ("attn_v", width, kv),
            ("attn_output", width, width),
            ("ffn_gate", width, feed_forward),
            ("ffn_up", width, feed_forward),
            ("ffn_down", feed_forward, width),
        ] {
            matrix(&mut file, &format!("blk.{layer}.{name}.weight"), columns, rows)?;
        }
        gain(&mut file, &format!("blk.{layer}.attn_norm.weight"), width)?;
        gain(&mut file, &format!("blk.{layer}.ffn_norm.weight"), width)?;
    }
    put_numbers(&mut file, shape);
    put_vocabulary(&mut file, vocabulary as usize);
    file.write(path)
}

fn put_numbers(file: &mut Builder, shape: Shape) {
    for (key, number) in [
        ("block_count", shape.layers),
        ("context_length", 131_072),
        ("embedding_length", shape.width),
        ("feed_forward_length", shape.feed_forward),
        ("attention.head_count", shape.heads),
        ("attention.head_count_kv", shape.heads_kv),
        ("rope.dimension_count", shape.width / shape.heads),
        ("vocab_size", shape.vocabulary),
    ] {
        file.set(&format!("llama.{key}"), Value::U32(number as u32));
    }
    file.set("llama.attention.layer_norm_rms_epsilon", Value::F32(1e-5))
        .set("llama.rope.freq_base", Value::F32(500_000.0))
        .set(
            "tokenizer.chat_template",
            Value::String(tiny::CHAT_TEMPLATE.to_owned()),
        );
}

/// A token for each byte, so that a prompt has as many tokens as bytes, and as many others as the shape wants.
fn put_vocabulary(file: &mut Builder, count: usize) {
    let mut tokens = ["<unk>", "<s>", "</s>"].map(str::to_owned).to_vec();
    let mut kinds = vec![TOKEN_CONTROL; tokens.len()];
    for byte in 0..=u8::MAX {
        tokens.push(format!("<0x{byte:02X}>"));
        kinds.push(TOKEN_BYTE);
    }
    tokens.extend((tokens.len()..count).map(|number| format!("\u{2581}w{number}")));
    kinds.resize(count, TOKEN_NORMAL);
    file.set("tokenizer.ggml.model", Value::String("llama".to_owned()))
        .set("tokenizer.ggml.add_space_prefix", Value::Bool(false))
        .set("tokenizer.ggml.unknown_token_id", Value::U32(0))
        .set("tokenizer.ggml.bos_token_id", Value::U32(1))
        .set("tokenizer.ggml.eos_token_id", Value::U32(2))
        .set(
            "tokenizer.ggml.scores",
            Value::Array(Array::F32(vec![0.0; count])),
        )
        .set("tokenizer.ggml.tokens", Value::Array(Array::Strings(tokens)))
        .set("tokenizer.ggml.token_type", Value::Array(Array::I32(kinds)));
}

fn gain(file: &mut Builder, name: &str, width: u64) -> Result<(), GgufError> {
    file.tensor(name, &[width], TensorType::F32, &vec![1.0; width as usize])
        .map(drop)
}

/// Random numbers in 16 bits of a size that keeps activations as they are.
fn block(width: u64) -> Arc<[u8]> {
    let scale = (3.0 / width as f32).sqrt();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut bytes = Vec::with_capacity(BLOCK_NUMBERS * 2);
    for _ in 0..BLOCK_NUMBERS {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let number = (state >> 40) as f32 / (1_u64 << 23) as f32 - 1.0;
        bytes.extend(half::f16::from_f32(number * scale).to_le_bytes());
    }
    bytes.into()
}
