//! A tokenizer that was learnt, in use.

use std::path::Path;

use tokenizers::Tokenizer;

use super::{SPECIALS, TOKENS_MAX, TokenizerError};
use crate::hash;
use crate::render::{Rendered, parts};

/// Turns texts into tokens as llama.cpp does with the GGUF that is made of it.
pub struct Vocabulary {
    tokenizer: Tokenizer,
    hash: String,
}

/// A conversation as tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encoded {
    /// The tokens.
    pub ids: Vec<u16>,
    /// For each token: 1 where the model writes it, so that its prediction counts.
    pub targets: Vec<u8>,
}

impl Encoded {
    /// The tokens that the model writes.
    pub fn targets(&self) -> impl Iterator<Item = u16> {
        let both = self.ids.iter().zip(&self.targets);
        both.filter(|(_, target)| **target == 1).map(|(id, _)| *id)
    }
}

impl Vocabulary {
    /// Reads a file that [`super::Learner`] wrote.
    pub fn open(path: &Path) -> Result<Self, TokenizerError> {
        let bytes = std::fs::read(path).map_err(|source| TokenizerError::File {
            path: path.to_owned(),
            source,
        })?;
        let foreign = |what: String| TokenizerError::Foreign {
            path: path.to_owned(),
            what,
        };
        let tokenizer = Tokenizer::from_bytes(&bytes).map_err(|error| foreign(error.to_string()))?;
        for (number, special) in (0..).zip(SPECIALS) {
            if tokenizer.token_to_id(special) != Some(number) {
                return Err(foreign(format!("`{special}` is not its token {number}")));
            }
        }
        let size = tokenizer.get_vocab_size(true);
        if size > TOKENS_MAX {
            return Err(foreign(format!("it has {size} tokens")));
        }
        let hash = hash::of_bytes(&bytes);
        Ok(Self { tokenizer, hash })
    }

    /// Tokens there are.
    pub fn len(&self) -> usize {
        self.tokenizer.get_vocab_size(true)
    }

    /// Never: each has its special tokens.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// SHA-256 of the file.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The tokens of a rendered text, which may hold marks of the guard.
    pub fn prompt(&self, text: &str) -> Result<Vec<u16>, TokenizerError> {
        let mut ids = Vec::new();
        for part in parts(text) {
            let encoded = self
                .tokenizer
                .encode_fast(part, false)
                .map_err(TokenizerError::library)?;
            // A vocabulary that was opened has no larger number.
            ids.extend(encoded.get_ids().iter().map(|id| *id as u16));
        }
        Ok(ids)
    }

    /// The tokens of a conversation. Pieces become tokens by themselves: an answer begins where its prompt ends.
    pub fn encode(&self, rendered: &Rendered) -> Result<Encoded, TokenizerError> {
        let mut encoded = Encoded::default();
        for piece in &rendered.pieces {
            encoded.ids.extend(self.prompt(&piece.text)?);
            encoded.targets.resize(encoded.ids.len(), u8::from(piece.target));
        }
        Ok(encoded)
    }

    /// The text of tokens, special ones too.
    pub fn spelled(&self, ids: &[u16]) -> Result<String, TokenizerError> {
        let ids: Vec<u32> = ids.iter().map(|id| u32::from(*id)).collect();
        self.tokenizer
            .decode(&ids, false)
            .map_err(TokenizerError::library)
    }
}
