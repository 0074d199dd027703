//! A model file of either format.

use super::error::Error;
use super::facts::Facts;
use super::graph::Graph;
use serde::Serialize;
use std::path::Path;

/// What a sound file says of itself; `format` tells them apart.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Found {
    Gguf(Box<Facts>),
    Onnx(Box<Graph>),
}

impl Found {
    /// Reads the file, by the end of its name.
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        if gyre_onnx::folder::is_onnx(path) {
            return Ok(Self::Onnx(Box::new(Graph::read(path)?)));
        }
        Ok(Self::Gguf(Box::new(Facts::read(path)?.0)))
    }
}
