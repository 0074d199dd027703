//! From a GGUF file of a BERT.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use gyre_gguf::{Gguf, TensorInfo, TensorType, Value, minilm};

use crate::OnnxError;
use crate::bert::Measures;

/// Names in sentence-transformers' files and in GGUF, without `.weight` and `.bias`.
const PARTS: [(&str, &str); 8] = [
    ("attention.self.query", "attn_q"),
    ("attention.self.key", "attn_k"),
    ("attention.self.value", "attn_v"),
    ("attention.output.dense", "attn_output"),
    ("attention.output.LayerNorm", "attn_output_norm"),
    ("intermediate.dense", "ffn_up"),
    ("output.dense", "ffn_down"),
    ("output.LayerNorm", "layer_output_norm"),
];
const EMBEDDINGS: [(&str, &str); 4] = [
    ("word_embeddings", "token_embd"),
    ("position_embeddings", "position_embd"),
    ("token_type_embeddings", "token_types"),
    ("LayerNorm", "token_embd_norm"),
];

/// Converts a GGUF file of a BERT whose tensors are F32 or F16; the tokenizer of `out` is written beside it.
pub fn from_gguf(gguf: &Path, out: &Path) -> Result<(), OnnxError> {
    let model = Gguf::open_with_tokens(gguf).map_err(OnnxError::Gguf)?;
    if model.architecture() != "bert" {
        let message = format!("its architecture is `{}`, not `bert`", model.architecture());
        return Err(OnnxError::unconvertible(message));
    }
    let mut file = File::open(gguf).map_err(OnnxError::Io)?;
    let tokens = model.tokens().unwrap_or_default();
    let words: Vec<String> = tokens.iter().map(|token| minilm::word(token)).collect();
    let measures = measures(&model)?;
    super::write(
        &measures,
        &words,
        &mut |name| numbers(&model, &mut file, name),
        out,
    )
}

fn measures(model: &Gguf) -> Result<Measures, OnnxError> {
    let number = |key: &str| {
        let number = model.hyperparameter(key);
        number.ok_or_else(|| OnnxError::unconvertible(format!("it says nothing of bert.{key}")))
    };
    let rows = |name: &str| Ok::<_, OnnxError>(tensor(model, name)?.shape.get(1).copied().unwrap_or(1));
    let epsilon = match model.get("bert.attention.layer_norm_epsilon") {
        Some(Value::F32(epsilon)) => *epsilon,
        _ => {
            let message = "it says nothing of bert.attention.layer_norm_epsilon";
            return Err(OnnxError::unconvertible(message));
        }
    };
    Ok(Measures {
        width: number("embedding_length")?,
        feed_forward: number("feed_forward_length")?,
        heads: number("attention.head_count")?,
        layers: number("block_count")?,
        positions: rows("position_embd.weight")?,
        types: rows("token_types.weight")?,
        vocabulary: rows("token_embd.weight")?,
        epsilon,
    })
}

fn tensor<'a>(model: &'a Gguf, name: &str) -> Result<&'a TensorInfo, OnnxError> {
    let found = model.tensors().iter().find(|tensor| tensor.name == name);
    found.ok_or_else(|| OnnxError::unconvertible(format!("it has no tensor `{name}`")))
}

/// The numbers of a weight, named as in sentence-transformers' files.
fn numbers(model: &Gguf, file: &mut File, name: &str) -> Result<Vec<f32>, OnnxError> {
    let name = name_of(name).ok_or_else(|| OnnxError::unconvertible(format!("GGUF has no `{name}`")))?;
    let tensor = tensor(model, &name)?;
    let at = model.data_at() + tensor.offset;
    file.seek(SeekFrom::Start(at)).map_err(OnnxError::Io)?;
    // Within the file's own length, as its reader saw to.
    let mut bytes = vec![0; usize::try_from(tensor.bytes).unwrap_or_default()];
    file.read_exact(&mut bytes).map_err(OnnxError::Io)?;
    match tensor.kind {
        kind if kind == TensorType::F32 as u32 => Ok(floats(&bytes)),
        kind if kind == TensorType::F16 as u32 => Ok(halves(&bytes)),
        _ => Err(OnnxError::unconvertible(format!(
            "the tensor `{name}` is neither F32 nor F16"
        ))),
    }
}

fn name_of(name: &str) -> Option<String> {
    let (name, end) = name.rsplit_once('.')?;
    if let Some(name) = name.strip_prefix("embeddings.") {
        let (_, there) = EMBEDDINGS.iter().find(|(here, _)| *here == name)?;
        return Some(format!("{there}.{end}"));
    }
    let (layer, part) = name.strip_prefix("encoder.layer.")?.split_once('.')?;
    let (_, there) = PARTS.iter().find(|(here, _)| *here == part)?;
    Some(format!("blk.{layer}.{there}.{end}"))
}

pub(super) fn floats(bytes: &[u8]) -> Vec<f32> {
    let chunks = bytes.chunks_exact(4);
    chunks
        .map(|it| f32::from_le_bytes([it[0], it[1], it[2], it[3]]))
        .collect()
}

pub(super) fn halves(bytes: &[u8]) -> Vec<f32> {
    let chunks = bytes.chunks_exact(2);
    chunks
        .map(|it| half::f16::from_le_bytes([it[0], it[1]]).to_f32())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_translated() {
        let cases = [
            ("embeddings.LayerNorm.bias", Some("token_embd_norm.bias")),
            (
                "encoder.layer.3.output.dense.weight",
                Some("blk.3.ffn_down.weight"),
            ),
            (
                "encoder.layer.11.attention.self.key.bias",
                Some("blk.11.attn_k.bias"),
            ),
            ("pooler.dense.weight", None),
            ("encoder.layer.3.nothing.weight", None),
        ];
        for (name, expected) in cases {
            assert_eq!(name_of(name).as_deref(), expected, "{name}");
        }
    }
}
