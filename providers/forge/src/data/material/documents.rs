//! Material out of real documents: for training only, since they change.

use std::fs;
use std::path::Path;

use super::asking::{Stems, questions, stems};
use super::markdown::{Chunk, chunks};
use super::{Material, Sentence, Size, Text};
use crate::data::DataError;
use crate::data::pools::Pools;
use crate::data::random::Draw;

/// Characters of a sentence that is asked for.
const SENTENCE_CHARS: std::ops::Range<usize> = 30..320;

/// A document to read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// As passages name it.
    pub source: String,
    chunks: Vec<Chunk>,
}

impl Document {
    /// A document of this text.
    #[must_use]
    pub fn new(source: impl Into<String>, text: &str) -> Self {
        Self {
            source: source.into(),
            chunks: chunks(text),
        }
    }

    /// Reads files; each is named as it is given.
    pub fn read(files: &[impl AsRef<Path>]) -> Result<Vec<Self>, DataError> {
        let read = |file: &Path| {
            let text = fs::read_to_string(file).map_err(|source| DataError::Document {
                path: file.to_owned(),
                source,
            })?;
            Ok(Self::new(file.to_string_lossy(), &text))
        };
        files.iter().map(|file| read(file.as_ref())).collect()
    }
}

/// Passages of one document that stand near each other; what the others say is asked for in vain.
pub(super) fn material(size: Size, draw: &mut Draw, pools: &Pools, documents: &[Document]) -> Material {
    let document = draw.pick(documents);
    let wanted = match size {
        Size::Small => 1,
        Size::Medium => 2,
        Size::Large => draw.count(3, 5),
    };
    let shown: Vec<&Chunk> = draw.some(&document.chunks, wanted);
    let there: Vec<Stems> = shown
        .iter()
        .flat_map(|chunk| &chunk.sentences)
        .map(|sentence| stems(sentence))
        .collect();
    let mut material = Material {
        of: vec![document.source.clone()],
        ..Material::default()
    };
    for chunk in &shown {
        let sentences = chunk
            .sentences
            .iter()
            .map(|text| Sentence {
                asks: if is_telling(text) {
                    questions(text, &there, draw, pools)
                } else {
                    Vec::new()
                },
                text: text.clone(),
            })
            .collect();
        material.texts.push(Text {
            source: document.source.clone(),
            sentences,
            raw: Some(chunk.text.clone()),
        });
    }
    let whole: Stems = there.iter().flatten().cloned().collect();
    for chunk in draw.some(&document.chunks, 6) {
        if shown.iter().any(|it| it.text == chunk.text) {
            continue;
        }
        for text in chunk.sentences.iter().filter(|it| is_telling(it)) {
            let own = stems(text);
            // Of a sentence whose words are mostly here something might be said here.
            if own.intersection(&whole).count() * 2 < own.len() {
                material.missing.extend(questions(text, &[own], draw, pools));
            }
        }
    }
    draw.shuffle(&mut material.missing);
    material.missing.truncate(6);
    material
}

/// Whether a sentence is whole and worth asking for.
fn is_telling(text: &str) -> bool {
    SENTENCE_CHARS.contains(&text.chars().count())
        && text.ends_with('.')
        && text.starts_with(|c: char| c.is_uppercase() || c == '`')
        && text.matches('`').count().is_multiple_of(2)
        && !text.contains("](")
}
