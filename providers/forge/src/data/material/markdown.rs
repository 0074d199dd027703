//! Markdown cut as retrieval cuts it: whole blocks up to a bound, as they stand. Pure.

/// Characters of a passage at most; a longer block is left out.
const PASSAGE_CHARS_MAX: usize = 800;
/// A passage that has so many takes no further block if that is a heading.
const PASSAGE_CHARS_MIN: usize = 300;

/// A piece of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) text: String,
    /// From 1.
    pub(super) first_line: usize,
    /// Sentences of its prose, each in one line.
    pub(super) sentences: Vec<String>,
}

/// A block: neighbouring lines that are not blank, and code whole.
struct Block<'a> {
    lines: Vec<&'a str>,
    first_line: usize,
}

impl Block<'_> {
    fn text(&self) -> String {
        self.lines.join("\n")
    }

    fn is_heading(&self) -> bool {
        self.lines.iter().all(|line| line.starts_with('#'))
    }

    fn is_prose(&self) -> bool {
        let other = ["```", "|", "#", "<", "    ", "["];
        !self
            .lines
            .iter()
            .any(|line| other.iter().any(|start| line.starts_with(start)))
    }
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let (mut open, mut in_code) = (false, false);
    for (at, line) in text.lines().enumerate() {
        let fence = line.trim_start().starts_with("```");
        if line.trim().is_empty() && !in_code {
            open = false;
            continue;
        }
        let starts = !open || (fence && !in_code) || (line.starts_with('#') && !in_code);
        match blocks.last_mut().filter(|_| !starts) {
            Some(block) => block.lines.push(line),
            None => blocks.push(Block {
                lines: vec![line],
                first_line: at + 1,
            }),
        }
        in_code ^= fence;
        // A heading ends with its line, code with its fence.
        open = in_code || !(fence || line.starts_with('#'));
    }
    blocks
}

/// Cuts a document.
pub(super) fn chunks(text: &str) -> Vec<Chunk> {
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut full = true;
    for block in blocks(text) {
        let (own, heading) = (block.text(), block.is_heading());
        let chars = own.chars().count();
        if chars > PASSAGE_CHARS_MAX {
            full = true;
            continue;
        }
        let found = if block.is_prose() {
            sentences(&block.lines)
        } else {
            Vec::new()
        };
        let room = |chunk: &Chunk| {
            let length = chunk.text.chars().count();
            length + chars + 2 <= PASSAGE_CHARS_MAX && !(heading && length >= PASSAGE_CHARS_MIN)
        };
        match chunks.last_mut().filter(|chunk| !full && room(chunk)) {
            Some(chunk) => {
                chunk.text.push_str("\n\n");
                chunk.text.push_str(&own);
                chunk.sentences.extend(found);
            }
            None => chunks.push(Chunk {
                text: own,
                first_line: block.first_line,
                sentences: found,
            }),
        }
        full = false;
    }
    chunks
}

/// The sentences of paragraphs and of items of a list.
fn sentences(lines: &[&str]) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    for line in lines {
        let item = line.trim_start().strip_prefix("- ");
        match (item, items.last_mut()) {
            (Some(item), _) => items.push(item.trim().to_owned()),
            (None, Some(last)) => {
                last.push(' ');
                last.push_str(line.trim());
            }
            (None, None) => items.push(line.trim().to_owned()),
        }
    }
    items.iter().flat_map(|item| split(item)).collect()
}

/// A sentence ends where a full stop, a mark of exclamation or a question mark is followed by a blank and a capital.
fn split(text: &str) -> Vec<String> {
    let mut sentences = Vec::new();
    let mut start = 0;
    let bytes = text.as_bytes();
    for (at, _) in text
        .match_indices(". ")
        .chain(text.match_indices("! "))
        .chain(text.match_indices("? "))
    {
        let next = bytes.get(at + 2).copied().unwrap_or_default();
        if at >= start && (next.is_ascii_uppercase() || next == b'`') {
            sentences.push(text[start..=at].to_owned());
            start = at + 2;
        }
    }
    sentences.push(text[start..].to_owned());
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "# Title\n\nOne is\nhere. Two is there.\n\n```sh\na b\n\nc\n```\n\n- Three.\n- Four\n  goes on.\n";

    #[test]
    fn documents_are_cut_at_blocks() {
        let chunks = chunks(TEXT);
        assert_eq!(chunks.len(), 1);
        assert_eq!(chunks[0].text, TEXT.trim_end());
        assert_eq!(
            chunks[0].sentences,
            ["One is here.", "Two is there.", "Three.", "Four goes on."]
        );
    }

    #[test]
    fn passages_are_bounded() {
        let long = format!("{}\n\n", "Word after word. ".repeat(20)).repeat(9);
        let chunks = chunks(&long);
        assert!(chunks.len() > 3);
        assert!(
            chunks
                .iter()
                .all(|it| it.text.chars().count() <= PASSAGE_CHARS_MAX)
        );
    }
}
