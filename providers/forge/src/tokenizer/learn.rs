//! From texts to the file.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::to_vec_pretty;

use super::merges;
use super::words::{Cutter, letters};
use super::{SPECIALS, TOKENS_MAX, TOKENS_MIN, TokenizerError, file};
use crate::render::Rendered;

/// Words and pairs that are seen less often teach nothing.
const COUNT_MIN: u64 = 2;

/// Counts the words of conversations.
pub struct Learner {
    cutter: Cutter,
    counts: BTreeMap<String, u64>,
}

/// What was learnt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Learnt {
    /// Tokens there are; fewer than were asked for where there is little text.
    pub tokens: usize,
    /// Different words that were counted.
    pub words: usize,
}

impl Learner {
    /// One that has counted nothing.
    pub fn new() -> Result<Self, TokenizerError> {
        Ok(Self {
            cutter: Cutter::new()?,
            counts: BTreeMap::new(),
        })
    }

    /// Counts the words of a conversation.
    pub fn read(&mut self, rendered: &Rendered) -> Result<(), TokenizerError> {
        for piece in &rendered.pieces {
            self.cutter.count(&piece.text, &mut self.counts)?;
        }
        Ok(())
    }

    /// Adds what another counted.
    pub fn join(&mut self, other: Self) {
        for (word, count) in other.counts {
            *self.counts.entry(word).or_default() += count;
        }
    }

    /// Learns a vocabulary of at most so many tokens and writes it.
    pub fn write(&self, tokens_max: usize, path: &Path) -> Result<Learnt, TokenizerError> {
        if !(TOKENS_MIN..=TOKENS_MAX).contains(&tokens_max) {
            return Err(TokenizerError::Size(tokens_max));
        }
        if self.counts.is_empty() {
            return Err(TokenizerError::NoText);
        }
        let common = |(word, count): (&String, &u64)| (*count >= COUNT_MIN).then(|| (word.clone(), *count));
        let words = self.counts.iter().filter_map(common).collect();
        let learnt = merges::learn(&letters(), &words, tokens_max - SPECIALS.len(), COUNT_MIN);
        let bytes = to_vec_pretty(&file::written(&learnt)).map_err(TokenizerError::library)?;
        std::fs::write(path, bytes).map_err(|source| TokenizerError::File {
            path: path.to_owned(),
            source,
        })?;
        Ok(Learnt {
            tokens: learnt.tokens.len() + SPECIALS.len(),
            words: self.counts.len(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Piece;
    use crate::tokenizer::Vocabulary;

    fn rendered(texts: &[(&str, bool)]) -> Rendered {
        let piece = |(text, target): &(&str, bool)| Piece {
            text: (*text).to_owned(),
            target: *target,
        };
        Rendered {
            pieces: texts.iter().map(piece).collect(),
        }
    }

    #[test]
    fn a_vocabulary_is_learnt_alike_written_and_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("tokenizer.json");
        let text = "<|im_start|>user\nthe weather there is the best weather 123<|im_end|>\n".repeat(3);
        let text = rendered(&[(&text, false), ("the answer<|im_end|>", true)]);
        let write = || {
            let mut learner = Learner::new().expect("a learner");
            learner.read(&text).expect("counts");
            let learnt = learner.write(TOKENS_MIN + 10, &path).expect("learns");
            (learnt, std::fs::read(&path).expect("is there"))
        };
        let (learnt, bytes) = write();
        assert_eq!(learnt.tokens, TOKENS_MIN + 10);
        assert!(bytes == write().1, "the same bytes");
        let vocabulary = Vocabulary::open(&path).expect("reads");
        let encoded = vocabulary.encode(&text).expect("encodes");
        let spelled = vocabulary.spelled(&encoded.ids).expect("decodes");
        assert_eq!(spelled, text.text());
        let targets: Vec<u16> = encoded.targets().collect();
        assert_eq!(
            vocabulary.spelled(&targets).expect("decodes"),
            "the answer<|im_end|>"
        );
        let digits = vocabulary.prompt("123").expect("encodes");
        assert_eq!(digits.len(), 3, "each digit is a token: {digits:?}");
        let turn = vocabulary.prompt("<|im_start|>").expect("encodes");
        assert_eq!(turn, [1]);
    }

    #[test]
    fn sizes_that_no_vocabulary_has_are_refused() {
        let learner = Learner::new().expect("a learner");
        for size in [0, TOKENS_MIN - 1, TOKENS_MAX + 1] {
            let error = learner.write(size, Path::new("never")).expect_err("refused");
            assert!(matches!(error, TokenizerError::Size(_)), "{error}");
        }
        let error = learner
            .write(TOKENS_MIN, Path::new("never"))
            .expect_err("refused");
        assert!(matches!(error, TokenizerError::NoText), "{error}");
    }
}
