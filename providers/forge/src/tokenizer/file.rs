//! The file `tokenizer.json`, in the form of Hugging Face's library. Pure.

use serde_json::{Map, Value, json};

use super::merges::Merges;
use super::{PATTERN, SPECIALS};
use crate::render::CONTROL;

/// The file's content: the same bytes for the same merges.
pub(super) fn written(learnt: &Merges) -> Value {
    let all = SPECIALS
        .iter()
        .copied()
        .chain(learnt.tokens.iter().map(String::as_str));
    let vocabulary: Map<String, Value> = all
        .enumerate()
        .map(|(number, token)| (token.to_owned(), json!(number)))
        .collect();
    let merges: Vec<Value> = learnt
        .merges
        .iter()
        .map(|(left, right)| json!([left, right]))
        .collect();
    let added: Vec<Value> = SPECIALS
        .iter()
        .enumerate()
        .map(|(id, text)| added(id, text))
        .collect();
    let bytes =
        json!({ "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": false });
    json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": added,
        "normalizer": null,
        "pre_tokenizer": { "type": "Sequence", "pretokenizers": [
            { "type": "Split", "pattern": { "Regex": PATTERN }, "behavior": "Isolated", "invert": false },
            bytes,
        ] },
        "post_processor": null,
        "decoder": bytes,
        "model": {
            "type": "BPE",
            "dropout": null,
            "unk_token": null,
            "continuing_subword_prefix": null,
            "end_of_word_suffix": null,
            "fuse_unk": false,
            "byte_fallback": false,
            "ignore_merges": false,
            "vocab": vocabulary,
            "merges": merges,
        },
    })
}

fn added(id: usize, text: &str) -> Value {
    json!({
        "id": id,
        "content": text,
        "single_word": false,
        "lstrip": false,
        "rstrip": false,
        "normalized": false,
        "special": CONTROL.contains(&text),
    })
}
