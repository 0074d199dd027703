//! The tokenizer as a file of llama.cpp carries it.

use std::collections::BTreeMap;
use std::path::Path;

use gyre_gguf::{Array, Builder, Value};
use serde::Deserialize;

use super::ExportError;
use crate::render::{TEXT_END, TURN_END};
use crate::tokenizer::{PRE_TOKENIZER, SPECIALS};

const NORMAL: i32 = 1;
const CONTROL: i32 = 3;
const USER_DEFINED: i32 = 4;
const UNUSED: i32 = 5;

/// What is read of `tokenizer.json`.
#[derive(Deserialize)]
struct File {
    added_tokens: Vec<Added>,
    model: Model,
}

#[derive(Deserialize)]
struct Added {
    id: usize,
    special: bool,
}

#[derive(Deserialize)]
struct Model {
    vocab: BTreeMap<String, usize>,
    merges: Vec<(String, String)>,
}

/// Tokens with their kinds, and merges in order.
pub(super) struct Tokens {
    texts: Vec<String>,
    kinds: Vec<i32>,
    merges: Vec<String>,
}

/// Reads the tokenizer of a model with so many rows; rows beyond its tokens are of none.
pub(super) fn read(path: &Path, rows: usize) -> Result<Tokens, ExportError> {
    let bytes = std::fs::read(path).map_err(|source| ExportError::Io {
        path: path.to_owned(),
        source,
    })?;
    let file: Result<File, String> = serde_json::from_slice(&bytes).map_err(|error| error.to_string());
    let read = file.and_then(of);
    let mut tokens = read.map_err(|what| ExportError::Tokenizer {
        path: path.to_owned(),
        what,
    })?;
    if tokens.texts.len() > rows {
        return Err(ExportError::Tokens {
            tokens: tokens.texts.len(),
            rows,
        });
    }
    for number in tokens.texts.len()..rows {
        tokens.texts.push(format!("<|unused-{number}|>"));
        tokens.kinds.push(UNUSED);
    }
    Ok(tokens)
}

fn of(file: File) -> Result<Tokens, String> {
    let count = file.model.vocab.len();
    let mut texts = vec![String::new(); count];
    for (text, number) in file.model.vocab {
        let place = texts.get_mut(number);
        let place = place.filter(|place| place.is_empty());
        *place.ok_or_else(|| format!("its token {number} has no place of its own"))? = text;
    }
    let mut kinds = vec![NORMAL; count];
    for added in file.added_tokens {
        let kind = kinds.get_mut(added.id);
        *kind.ok_or_else(|| format!("it adds a token {} that it has not", added.id))? = match added.special {
            true => CONTROL,
            false => USER_DEFINED,
        };
    }
    if !texts.iter().zip(SPECIALS).all(|(text, special)| text == special) {
        return Err(format!("its first tokens are not {SPECIALS:?}"));
    }
    // Neither part holds a space: in byte-level BPE a space is another letter.
    let merge = |(left, right): (String, String)| format!("{left} {right}");
    Ok(Tokens {
        texts,
        kinds,
        merges: file.model.merges.into_iter().map(merge).collect(),
    })
}

pub(super) fn put(file: &mut Builder, tokens: Tokens) {
    let text = |text: &str| Value::String(text.to_owned());
    let number = |special: &str| {
        let at = (0..).zip(SPECIALS).find(|(_, it)| *it == special);
        Value::U32(at.map_or(0, |(at, _)| at))
    };
    file.set("tokenizer.ggml.model", text("gpt2"))
        .set("tokenizer.ggml.pre", text(PRE_TOKENIZER))
        .set("tokenizer.ggml.bos_token_id", number(TEXT_END))
        .set("tokenizer.ggml.eos_token_id", number(TURN_END))
        .set("tokenizer.ggml.eot_token_id", number(TURN_END))
        .set("tokenizer.ggml.padding_token_id", number(TEXT_END))
        .set("tokenizer.ggml.add_bos_token", Value::Bool(false))
        .set("tokenizer.ggml.add_eos_token", Value::Bool(false))
        .set("tokenizer.ggml.add_space_prefix", Value::Bool(false))
        .set(
            "tokenizer.ggml.tokens",
            Value::Array(Array::Strings(tokens.texts)),
        )
        .set(
            "tokenizer.ggml.token_type",
            Value::Array(Array::I32(tokens.kinds)),
        )
        .set(
            "tokenizer.ggml.merges",
            Value::Array(Array::Strings(tokens.merges)),
        );
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read_of(vocab: serde_json::Value, rows: usize) -> Result<Tokens, ExportError> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("tokenizer.json");
        let added = [
            json!({ "id": 1, "special": true }),
            json!({ "id": 3, "special": false }),
        ];
        let file = json!({ "added_tokens": added, "model": { "vocab": vocab, "merges": [["a", "b"]] } });
        std::fs::write(&path, file.to_string()).expect("writes");
        read(&path, rows)
    }

    #[test]
    fn tokens_come_in_the_order_of_their_numbers_and_fill_the_rows() {
        let vocab = || {
            let specials = SPECIALS.iter().enumerate();
            let mut vocab: serde_json::Map<_, _> = specials
                .map(|(at, text)| ((*text).to_owned(), json!(at)))
                .collect();
            vocab.insert("a".into(), json!(6));
            vocab.insert("b".into(), json!(5));
            serde_json::Value::Object(vocab)
        };
        let tokens = read_of(vocab(), 8).expect("reads");
        assert_eq!(tokens.texts[5..], ["b", "a", "<|unused-7|>"]);
        assert_eq!(tokens.kinds, [1, 3, 1, 4, 1, 1, 1, 5]);
        assert_eq!(tokens.merges, ["a b"]);
        let told = |result: Result<Tokens, ExportError>| result.err().expect("refused").to_string();
        assert!(told(read_of(vocab(), 6)).contains("7 tokens and the model 6"));
        assert!(told(read_of(json!({ "a": 0, "b": 0 }), 8)).contains("no place of its own"));
        assert!(told(read_of(json!({ "a": 0, "b": 1, "c": 2, "d": 3 }), 8)).contains("first tokens"));
    }
}
