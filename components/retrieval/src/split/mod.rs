//! From documents to passages that know their lines.

mod html;
mod lines;
mod markdown;

use gyre_agent_wire::Span;
use text_splitter::{ChunkConfig, TextSplitter};

use lines::Lines;

/// Changes when equal documents are split differently than before, so that they are ingested again.
pub const VERSION: u32 = 1;

/// Characters of a passage: at least the first where the text allows, never more than the second.
const PASSAGE_CHARS: std::ops::Range<usize> = 300..800;

/// What a document is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaType {
    /// text/plain
    Plain,
    /// text/markdown
    Markdown,
    /// text/html
    Html,
}

impl MediaType {
    /// Reads the name of a media type, whatever its parameters.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase()
            .as_str()
        {
            "text/plain" => Some(Self::Plain),
            "text/markdown" => Some(Self::Markdown),
            "text/html" => Some(Self::Html),
            _ => None,
        }
    }
}

/// A piece of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its text: as in the document, or of HTML what a reader sees.
    pub text: String,
    /// The headings it stands under, outermost first; part of what is embedded, not of what is quoted.
    pub headings: Vec<String>,
    /// Its lines in the document.
    pub span: Span,
}

impl Piece {
    /// The text to embed: a passage means more under its headings.
    #[must_use]
    pub fn embedded_text(&self) -> String {
        if self.headings.is_empty() {
            return self.text.clone();
        }
        format!("{}\n{}", self.headings.join(" > "), self.text)
    }
}

/// Splits a document. Pieces come in the order of the document and hold all of its words.
#[must_use]
pub fn split(media_type: MediaType, text: &str) -> Vec<Piece> {
    match media_type {
        MediaType::Plain => plain(text),
        MediaType::Markdown => markdown::split(text),
        MediaType::Html => html::split(text),
    }
}

fn plain(text: &str) -> Vec<Piece> {
    let lines = Lines::of(text);
    TextSplitter::new(config())
        .chunk_indices(text)
        .map(|(start, chunk)| Piece {
            text: chunk.to_owned(),
            headings: Vec::new(),
            span: lines.span(start, start + chunk.len()),
        })
        .collect()
}

fn config() -> ChunkConfig<text_splitter::Characters> {
    ChunkConfig::new(PASSAGE_CHARS)
}

#[cfg(test)]
mod tests;
