//! Rendered text as words: what merges never reach across.

use std::collections::BTreeMap;

use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::{OffsetReferential, OffsetType, PreTokenizedString, PreTokenizer, SplitDelimiterBehavior};

use super::{PATTERN, SPECIALS, TokenizerError};
use crate::render::parts;

/// Cuts texts into words, spelt in the letters of byte-level BPE.
pub(super) struct Cutter {
    split: Split,
    bytes: ByteLevel,
}

impl Cutter {
    pub(super) fn new() -> Result<Self, TokenizerError> {
        let pattern = SplitPattern::Regex(PATTERN.to_owned());
        Ok(Self {
            split: Split::new(pattern, SplitDelimiterBehavior::Isolated, false)
                .map_err(TokenizerError::library)?,
            bytes: ByteLevel::new(false, false, false),
        })
    }

    /// Counts the words of a rendered text, which may hold marks of the guard.
    pub(super) fn count(&self, text: &str, counts: &mut BTreeMap<String, u64>) -> Result<(), TokenizerError> {
        for part in parts(text).flat_map(between_specials) {
            let mut cut = PreTokenizedString::from(part);
            self.split
                .pre_tokenize(&mut cut)
                .and_then(|()| self.bytes.pre_tokenize(&mut cut))
                .map_err(TokenizerError::library)?;
            for (word, ..) in cut.get_splits(OffsetReferential::Original, OffsetType::None) {
                match counts.get_mut(word) {
                    Some(count) => *count += 1,
                    None => {
                        counts.insert(word.to_owned(), 1);
                    }
                }
            }
        }
        Ok(())
    }
}

/// The letters of byte-level BPE, one for each byte, in the order of their numbers.
pub(super) fn letters() -> Vec<char> {
    let mut letters: Vec<char> = ByteLevel::alphabet().into_iter().collect();
    letters.sort_unstable();
    letters
}

/// The texts between special tokens.
fn between_specials(part: &str) -> Vec<&str> {
    let mut texts = Vec::new();
    let mut rest = part;
    while let Some((at, special)) = SPECIALS
        .iter()
        .filter_map(|special| rest.find(special).map(|at| (at, special)))
        .min()
    {
        texts.push(&rest[..at]);
        rest = &rest[at + special.len()..];
    }
    texts.push(rest);
    texts.retain(|text| !text.is_empty());
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_end_at_special_tokens_digits_and_lines() {
        let mut counts = BTreeMap::new();
        let cutter = Cutter::new().expect("a pattern");
        cutter
            .count(
                "<|im_start|>user\nIt's 42 do\u{fdd0}gs  x<|im_end|>\n",
                &mut counts,
            )
            .expect("cuts");
        let words: Vec<(&str, u64)> = counts
            .iter()
            .map(|(word, count)| (word.as_str(), *count))
            .collect();
        let mut expected = vec![
            ("user", 1),
            ("\u{10a}", 2),
            ("It", 1),
            ("'s", 1),
            ("\u{120}", 2),
            ("4", 1),
            ("2", 1),
            ("\u{120}do", 1),
            ("gs", 1),
            ("\u{120}x", 1),
        ];
        expected.sort_unstable();
        assert_eq!(words, expected);
        assert_eq!(letters().len(), 256);
    }
}
