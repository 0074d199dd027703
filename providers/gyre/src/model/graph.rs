//! What an ONNX file says of itself.

use super::error::Error;
use super::unsound;
use gyre_engine_ipc::MemoryBytes;
use gyre_gguf::folder::{name_of, path_of};
use gyre_onnx::{Header, Operators, Port, encoder, folder};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// The facts of one sound file.
#[derive(Debug, Serialize)]
pub(crate) struct Graph {
    format: &'static str,
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
    /// Version of the format.
    pub(super) ir_version: u64,
    pub(super) opsets: Vec<Opset>,
    pub(super) inputs: Vec<Tensor>,
    pub(super) outputs: Vec<Tensor>,
    /// The tokenizer beside it, with which it makes embeddings.
    pub(super) tokenizer: Option<PathBuf>,
    /// Whether it makes embeddings.
    pub(super) embedding: bool,
    /// Whether guests give it tensors.
    pub(super) graph: bool,
    /// A GGUF file of the same name, which is used instead.
    pub(super) hidden_by: Option<PathBuf>,
    /// What the engine counts for it.
    pub(super) memory_bytes: u64,
}

/// The operators of one maker, in one version.
#[derive(Debug, Serialize)]
pub(super) struct Opset {
    pub(super) domain: String,
    pub(super) version: u64,
}

/// A tensor that a graph takes or gives.
#[derive(Debug, Serialize)]
pub(super) struct Tensor {
    pub(super) name: String,
    /// None for what is no tensor that a guest can give.
    #[serde(rename = "type")]
    pub(super) element: Option<&'static str>,
    /// None where the graph does not say; null for a side of any length.
    pub(super) dimensions: Option<Vec<Option<u64>>>,
}

impl Graph {
    /// Reads the outline of the file.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let header = Header::open(path).map_err(|error| unsound::onnx(path, error))?;
        let bytes = |path: &Path| std::fs::metadata(path).map(|data| data.len());
        let graph_bytes = bytes(path).map_err(Error::disk("read", path))?;
        let tokenizer = folder::tokenizer_of(path);
        let tokenizer_bytes = bytes(&tokenizer).ok();
        if tokenizer_bytes.is_some()
            && let Err(why) = encoder::check(&header)
        {
            return Err(Error::Unsound {
                path: path.to_owned(),
                why: format!("a tokenizer lies beside it, so it should embed texts, but {why}"),
                cure: "remove the file .tokenizer.json beside it, or put the graph of an encoder there",
            });
        }
        let name = name_of(path);
        let gguf = path.parent().map(|folder| path_of(folder, &name));
        Ok(Self {
            format: "onnx",
            path: path.to_owned(),
            bytes: graph_bytes,
            ir_version: header.ir_version,
            opsets: header.operators.into_iter().map(Opset::from).collect(),
            inputs: header.inputs.into_iter().map(Tensor::from).collect(),
            outputs: header.outputs.into_iter().map(Tensor::from).collect(),
            embedding: tokenizer_bytes.is_some(),
            graph: tokenizer_bytes.is_none(),
            hidden_by: gguf.filter(|gguf| gguf.is_file()),
            memory_bytes: MemoryBytes::of_graph(graph_bytes, tokenizer_bytes.unwrap_or(0)).total(),
            tokenizer: tokenizer_bytes.map(|_| tokenizer),
            name,
        })
    }

    /// What gyre can do with it, in a word or two.
    pub(crate) fn ability(&self) -> &'static str {
        match (&self.hidden_by, self.embedding) {
            (Some(_), _) => "nothing: the .gguf file goes first",
            (None, true) => "embeddings",
            (None, false) => "tensors",
        }
    }

    /// What requests call it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

impl From<Operators> for Opset {
    fn from(operators: Operators) -> Self {
        // The format writes nothing where it means ONNX itself.
        let domain = match operators.domain.as_str() {
            "" => "ai.onnx".to_owned(),
            _ => operators.domain,
        };
        Self {
            domain,
            version: operators.version,
        }
    }
}

impl From<Port> for Tensor {
    fn from(port: Port) -> Self {
        Self {
            name: port.name,
            element: port.element.map(gyre_onnx::Element::name),
            dimensions: port.sides,
        }
    }
}
