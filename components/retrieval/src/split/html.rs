//! HTML: what a reader sees, each word with the line of the source it is from.

use gyre_agent_wire::Span;
use html5gum::emitters::default::DefaultEmitter;
use html5gum::{Token, Tokenizer};
use text_splitter::TextSplitter;

use super::lines::Lines;
use super::{Piece, config};

/// Elements whose text nobody sees.
const HIDDEN: &[&[u8]] = &[
    b"script",
    b"style",
    b"template",
    b"noscript",
    b"svg",
    b"math",
    b"iframe",
    b"object",
];

/// Elements that text flows through; all others part paragraphs.
const INLINE: &[&[u8]] = &[
    b"a", b"abbr", b"b", b"bdi", b"bdo", b"cite", b"code", b"data", b"del", b"dfn", b"em", b"font", b"i",
    b"img", b"ins", b"kbd", b"label", b"mark", b"q", b"s", b"samp", b"small", b"span", b"strong", b"sub",
    b"sup", b"time", b"tt", b"u", b"var", b"wbr",
];

pub(super) fn split(source: &str) -> Vec<Piece> {
    let seen = read(source);
    TextSplitter::new(config())
        .chunk_indices(&seen.text)
        .map(|(start, chunk)| Piece {
            text: chunk.to_owned(),
            headings: Vec::new(),
            span: Span {
                start_line: seen.line(start),
                end_line: seen.line((start + chunk.len()).saturating_sub(1)),
            },
        })
        .collect()
}

/// What a reader sees. `lines` says from which byte on the text is of which line of the source.
#[derive(Debug, Default)]
struct Seen {
    text: String,
    lines: Vec<(usize, u32)>,
    space_due: bool,
}

impl Seen {
    fn line(&self, offset: usize) -> u32 {
        let after = self.lines.partition_point(|(start, _)| *start <= offset);
        after.checked_sub(1).map_or(1, |i| self.lines[i].1)
    }

    fn push(&mut self, words: &str, first_line: u32, preformatted: bool) {
        let mut line = first_line;
        for c in words.chars() {
            if c == '\n' {
                line += 1;
            }
            if preformatted && c == '\n' {
                self.text.push('\n');
            } else if c.is_whitespace() {
                self.space_due = true;
            } else {
                if std::mem::take(&mut self.space_due) && !self.text.is_empty() && !self.text.ends_with('\n')
                {
                    self.text.push(' ');
                }
                if self.lines.last().is_none_or(|(_, last)| *last != line) {
                    self.lines.push((self.text.len(), line));
                }
                self.text.push(c);
            }
        }
    }

    fn part(&mut self) {
        self.space_due = false;
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push_str("\n\n");
        }
    }
}

fn read(source: &str) -> Seen {
    let lines = Lines::of(source);
    let mut seen = Seen::default();
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    // Without a tree the tokenizer must be told that scripts and styles hold no tags.
    emitter.naively_switch_states(true);
    let mut hidden: Option<Vec<u8>> = None;
    let mut preformatted = 0_u32;
    for token in Tokenizer::new_with_emitter(source, emitter) {
        // Reading a string cannot fail.
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) if hidden.is_none() => {
                if HIDDEN.contains(&tag.name.0.as_slice()) && !tag.self_closing {
                    hidden = Some(tag.name.0);
                } else if !INLINE.contains(&tag.name.0.as_slice()) {
                    preformatted += u32::from(tag.name.0 == b"pre");
                    seen.part();
                }
            }
            Token::EndTag(tag) => {
                if hidden.as_ref().is_some_and(|name| *name == tag.name.0) {
                    hidden = None;
                } else if hidden.is_none() && !INLINE.contains(&tag.name.0.as_slice()) {
                    preformatted = preformatted.saturating_sub(u32::from(tag.name.0 == b"pre"));
                    seen.part();
                }
            }
            Token::String(words) if hidden.is_none() => {
                let first_line = lines.line(words.span.start);
                seen.push(
                    &String::from_utf8_lossy(&words.value),
                    first_line,
                    preformatted > 0,
                );
            }
            _ => {}
        }
    }
    seen
}
