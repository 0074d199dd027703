//! The tiny reranker in plain arithmetic of 64 bits: what the worker's scores are held against.

use gyre_gguf::Gguf;
use std::collections::HashMap;
use std::path::Path;

const HEADS: usize = 4;
const LAYERS: usize = 2;
const EPSILON: f64 = 1e-12;
const ALIGNMENT: u64 = 32;
/// Words of the vocabulary before the characters, and the characters.
const MARKS: usize = 5;
const START: usize = 2;
const SEPARATOR: usize = 3;
const CHARACTERS: &str = "abcdefghijklmnopqrstuvwxyz0123456789.,!?";

type Row = Vec<f64>;

/// The weights of a file, all of them floats of 32 bits.
pub(crate) struct Reference {
    tensors: HashMap<String, Row>,
}

impl Reference {
    pub(crate) fn open(path: &Path) -> Self {
        let header = Gguf::open(path).expect("is sound");
        let bytes = std::fs::read(path).expect("reads");
        let ends = header
            .tensors()
            .iter()
            .map(|it| it.offset + it.bytes.next_multiple_of(ALIGNMENT));
        let start = bytes.len() - usize::try_from(ends.max().expect("has tensors")).expect("fits");
        let floats = |offset: u64, length: u64| -> Row {
            let data = &bytes[start + offset as usize..][..length as usize];
            let (numbers, _) = data.as_chunks::<4>();
            numbers
                .iter()
                .map(|four| f64::from(f32::from_le_bytes(*four)))
                .collect()
        };
        let tensors = header.tensors().iter();
        Self {
            tensors: tensors
                .map(|it| (it.name.clone(), floats(it.offset, it.bytes)))
                .collect(),
        }
    }

    /// The score of a document.
    pub(crate) fn score(&self, query: &str, document: &str) -> f64 {
        let mut tokens = vec![START];
        tokens.extend(characters(query));
        tokens.push(SEPARATOR);
        tokens.extend(characters(document));
        tokens.push(SEPARATOR);
        let mut rows: Vec<Row> = tokens
            .iter()
            .enumerate()
            .map(|(at, token)| self.embed(*token, at))
            .collect();
        for layer in 0..LAYERS {
            rows = self.layer(&format!("blk.{layer}"), &rows);
        }
        let mut pooled = self.linear("cls", &rows[0]);
        pooled.iter_mut().for_each(|number| *number = number.tanh());
        self.linear("cls.output", &pooled)[0]
    }

    fn embed(&self, token: usize, position: usize) -> Row {
        let row = |name: &str, index: usize| {
            let width = self.tensors["token_embd_norm.weight"].len();
            self.tensors[name][index * width..][..width].to_vec()
        };
        let sum = add(&row("token_embd.weight", token), &row("token_types.weight", 0));
        self.norm(
            "token_embd_norm",
            &add(&sum, &row("position_embd.weight", position)),
        )
    }

    fn layer(&self, name: &str, rows: &[Row]) -> Vec<Row> {
        let of = |part: &str| -> Vec<Row> {
            rows.iter()
                .map(|row| self.linear(&format!("{name}.{part}"), row))
                .collect()
        };
        let seen = attend(&of("attn_q"), &of("attn_k"), &of("attn_v"));
        let through = |(row, seen): (&Row, &Row)| {
            let seen = self.linear(&format!("{name}.attn_output"), seen);
            let row = self.norm(&format!("{name}.attn_output_norm"), &add(row, &seen));
            let mut wide = self.linear(&format!("{name}.ffn_up"), &row);
            wide.iter_mut().for_each(|number| *number = gelu(*number));
            let narrow = self.linear(&format!("{name}.ffn_down"), &wide);
            self.norm(&format!("{name}.layer_output_norm"), &add(&row, &narrow))
        };
        rows.iter().zip(&seen).map(through).collect()
    }

    fn linear(&self, name: &str, row: &[f64]) -> Row {
        let weights = self.tensors[&format!("{name}.weight")].chunks(row.len());
        let products = weights.map(|weights| weights.iter().zip(row).map(|(a, b)| a * b).sum::<f64>());
        let bias = &self.tensors[&format!("{name}.bias")];
        products.zip(bias).map(|(sum, bias)| sum + bias).collect()
    }

    fn norm(&self, name: &str, row: &[f64]) -> Row {
        let count = row.len() as f64;
        let mean = row.iter().sum::<f64>() / count;
        let variance = row.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / count;
        let scaled = row.iter().map(|it| (it - mean) / (variance + EPSILON).sqrt());
        let gain = &self.tensors[&format!("{name}.weight")];
        let bias = &self.tensors[&format!("{name}.bias")];
        scaled
            .zip(gain)
            .zip(bias)
            .map(|((it, gain), bias)| it * gain + bias)
            .collect()
    }
}

/// Each token sees all of them, by the nearness of its query to their keys.
fn attend(queries: &[Row], keys: &[Row], values: &[Row]) -> Vec<Row> {
    let width = queries[0].len() / HEADS;
    let part = |row: &Row, head: usize| row[head * width..][..width].to_vec();
    let of_head = |query: &Row, head: usize| -> Row {
        let query = part(query, head);
        let near = keys.iter().map(|key| {
            let product: f64 = part(key, head).iter().zip(&query).map(|(a, b)| a * b).sum();
            (product / (width as f64).sqrt()).exp()
        });
        let near: Row = near.collect();
        let all: f64 = near.iter().sum();
        let mut seen = vec![0.0; width];
        for (near, value) in near.iter().zip(values) {
            for (seen, value) in seen.iter_mut().zip(part(value, head)) {
                *seen += near / all * value;
            }
        }
        seen
    };
    queries
        .iter()
        .map(|query| (0..HEADS).flat_map(|head| of_head(query, head)).collect())
        .collect()
}

fn gelu(number: f64) -> f64 {
    let inner = (2.0 / std::f64::consts::PI).sqrt() * (number + 0.044715 * number.powi(3));
    0.5 * number * (1.0 + inner.tanh())
}

fn add(a: &[f64], b: &[f64]) -> Row {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

/// The first character of a word has another token than the same one within; each mark is a word.
fn characters(text: &str) -> Vec<usize> {
    let mut within = false;
    let mut tokens = Vec::new();
    for character in text.chars() {
        let index = CHARACTERS.find(character);
        within &= character.is_ascii_alphanumeric();
        let shift = if within { CHARACTERS.len() } else { 0 };
        tokens.extend(index.map(|index| MARKS + index + shift));
        within = character.is_ascii_alphanumeric();
    }
    tokens
}
