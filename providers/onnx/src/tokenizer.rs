//! Writes `tokenizer.json` of a WordPiece vocabulary, the one of BERT, in lower case.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::graph::write_whole;
use crate::{OnnxError, folder};

/// Letters of a word that WordPiece looks at; a longer one is unknown.
const WORD_LETTERS_MAX: u32 = 100;

/// The tokenizer as JSON. `tokens_max` is what the model reads at once.
///
/// No special token is named as such: `[CLS]` in a text is text.
pub fn word_piece(words: &[String], tokens_max: u64) -> Result<Value, OnnxError> {
    let id = |word: &str| {
        let at = words.iter().position(|one| one == word);
        at.ok_or_else(|| OnnxError::unconvertible(format!("the vocabulary has no {word}")))
    };
    let vocabulary: Map<String, Value> = words
        .iter()
        .enumerate()
        .map(|(at, word)| (word.clone(), json!(at)))
        .collect();
    Ok(json!({
        "version": "1.0",
        "truncation": {
            "direction": "Right", "max_length": tokens_max, "strategy": "LongestFirst", "stride": 0,
        },
        "padding": null,
        "added_tokens": [],
        "normalizer": {
            "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
            "strip_accents": null, "lowercase": true,
        },
        "pre_tokenizer": { "type": "BertPreTokenizer" },
        "post_processor": {
            "type": "BertProcessing", "sep": ["[SEP]", id("[SEP]")?], "cls": ["[CLS]", id("[CLS]")?],
        },
        "decoder": null,
        "model": {
            "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": WORD_LETTERS_MAX, "vocab": vocabulary,
        },
    }))
}

/// Writes it beside the graph at `onnx`.
pub(crate) fn write_beside(onnx: &Path, words: &[String], tokens_max: u64) -> Result<(), OnnxError> {
    let text = word_piece(words, tokens_max)?.to_string();
    write_whole(&folder::tokenizer_of(onnx), text.as_bytes())
}
