//! Texts as tokens, by the tokenizer beside a graph.

use std::fs;
use std::path::Path;

use gyre_engine_ipc::EngineError;
use tokenizers::Tokenizer;

use crate::catalog::file_name;

/// A tokenizer file may have so many bytes.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Tokens of a text where the tokenizer does not say: what BERTs are trained on.
const TOKENS_DEFAULT: usize = 512;

/// A tokenizer and how many tokens of a text the model reads.
pub(super) struct Texts {
    tokenizer: Tokenizer,
    tokens_max: usize,
}

/// The tokens of a text.
pub(super) struct Tokens {
    pub(super) ids: Vec<i64>,
    /// It had more than the model reads.
    pub(super) cut: bool,
}

impl Texts {
    pub(super) fn open(path: &Path, context_tokens_max: u32) -> Result<Self, EngineError> {
        let invalid = |reason: String| EngineError::ModelInvalid {
            file: file_name(path),
            reason,
        };
        let bytes =
            fs::metadata(path).map_err(|error| invalid(format!("it cannot be read ({})", error.kind())))?;
        if bytes.len() > FILE_BYTES_MAX {
            return Err(invalid(format!("it has over {FILE_BYTES_MAX} bytes")));
        }
        let bytes =
            fs::read(path).map_err(|error| invalid(format!("it cannot be read ({})", error.kind())))?;
        let mut tokenizer = Tokenizer::from_bytes(bytes).map_err(|error| {
            invalid(format!(
                "it is no tokenizer.json that this release reads: {error}"
            ))
        })?;
        let said = tokenizer.get_truncation().map(|truncation| truncation.max_length);
        // Cutting and padding are done here, where what was cut is counted.
        tokenizer.with_padding(None);
        tokenizer
            .with_truncation(None)
            .map_err(|error| invalid(format!("it cannot be used: {error}")))?;
        // What a text says of control tokens is text.
        tokenizer.set_encode_special_tokens(true);
        let tokens_max = said
            .unwrap_or(TOKENS_DEFAULT)
            .min(context_tokens_max as usize)
            .max(2);
        Ok(Self {
            tokenizer,
            tokens_max,
        })
    }

    /// The text's tokens, cut to what the model reads; the last one, which ends the text, stays.
    pub(super) fn tokens(&self, text: &str) -> Result<Tokens, EngineError> {
        let encoded = self
            .tokenizer
            .encode_fast(text, true)
            .map_err(|error| EngineError::internal(format!("a text cannot be cut into tokens: {error}")))?;
        let mut ids: Vec<i64> = encoded.get_ids().iter().map(|id| i64::from(*id)).collect();
        let cut = ids.len() > self.tokens_max;
        if cut && let Some(last) = ids.last().copied() {
            ids.truncate(self.tokens_max);
            ids[self.tokens_max - 1] = last;
        }
        Ok(Tokens { ids, cut })
    }
}
