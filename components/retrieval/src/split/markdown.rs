//! Markdown: split along its structure, under its headings.

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd};
use text_splitter::MarkdownSplitter;

use super::lines::Lines;
use super::{Piece, config};

/// Longest heading that is kept as context.
const HEADING_CHARS_MAX: usize = 120;

pub(super) fn split(text: &str) -> Vec<Piece> {
    let lines = Lines::of(text);
    let headings = Headings::of(text);
    MarkdownSplitter::new(config())
        .chunk_indices(text)
        .map(|(start, chunk)| Piece {
            text: chunk.to_owned(),
            headings: headings.above(start),
            span: lines.span(start, start + chunk.len()),
        })
        .collect()
}

struct Heading {
    offset: usize,
    level: HeadingLevel,
    text: String,
}

/// All headings of a document, in its order.
struct Headings(Vec<Heading>);

impl Headings {
    fn of(text: &str) -> Self {
        let mut headings: Vec<Heading> = Vec::new();
        let mut open = false;
        for (event, range) in Parser::new(text).into_offset_iter() {
            match event {
                Event::Start(Tag::Heading { level, .. }) => {
                    open = true;
                    headings.push(Heading {
                        offset: range.start,
                        level,
                        text: String::new(),
                    });
                }
                Event::End(TagEnd::Heading(_)) => open = false,
                Event::Text(words) | Event::Code(words) if open => {
                    if let Some(heading) = headings.last_mut() {
                        let room = HEADING_CHARS_MAX.saturating_sub(heading.text.chars().count());
                        heading.text.extend(words.chars().take(room));
                    }
                }
                _ => {}
            }
        }
        Self(headings)
    }

    /// The headings that the text at `offset` stands under. One that begins there is part of the text itself.
    fn above(&self, offset: usize) -> Vec<String> {
        let before = self.0.partition_point(|h| h.offset < offset);
        let mut path: Vec<&Heading> = Vec::new();
        for heading in &self.0[..before] {
            path.retain(|outer| outer.level < heading.level);
            path.push(heading);
        }
        if let Some(own) = self.0.get(before).filter(|h| h.offset == offset) {
            path.retain(|outer| outer.level < own.level);
        }
        path.iter().map(|h| h.text.clone()).collect()
    }
}
