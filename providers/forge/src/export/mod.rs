//! From trained weights to the GGUF file that llama.cpp loads.
//!
//! Data flows one way: the vocabulary (`vocabulary`) and the metadata (`metadata`), then the tensors (`tensors`), each in
//! the type that the [`Format`] gives it, into the writer of `gyre-gguf`.

mod error;
mod format;
mod metadata;
mod rotary;
mod tensors;
mod vocabulary;

use std::path::Path;

use gyre_gguf::Builder;

use crate::model::Weights;

pub use error::ExportError;
pub use format::Format;
pub use metadata::Card;

/// What becomes a file.
pub struct Export<'a> {
    /// The weights, as training left them.
    pub weights: &'a Weights,
    /// The file `tokenizer.json`.
    pub tokenizer: &'a Path,
    /// What the file says of itself.
    pub card: &'a Card,
}

impl Export<'_> {
    /// Writes the model in this format. The same weights make the same bytes.
    pub fn write(&self, format: Format, to: &Path) -> Result<(), ExportError> {
        let shape = self.weights.shape();
        let tokens = vocabulary::read(self.tokenizer, shape.vocabulary)?;
        let mut file = Builder::new("llama");
        metadata::put(&mut file, shape, self.card, format);
        vocabulary::put(&mut file, tokens);
        tensors::put(&mut file, self.weights, format)?;
        file.write(to).map_err(|source| ExportError::Gguf {
            path: to.to_owned(),
            source,
        })
    }
}
