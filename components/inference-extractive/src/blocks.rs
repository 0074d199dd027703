//! The blocks of a Markdown or plain-text passage: what may be quoted, and what only says where it stands.

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A heading. Not quoted.
    Heading,
    /// Running text.
    Paragraph,
    /// An item of a list, without its marker.
    Item,
    /// A row of a table, without its outer bars.
    Row,
}

/// A block, with runs of white space made single spaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    /// What it is.
    pub(crate) kind: Kind,
    /// Its text.
    pub(crate) text: String,
}

/// Splits a passage. Code blocks, rules and the lines between a table's head and body are left out.
pub(crate) fn split(passage: &str) -> Vec<Block> {
    let mut blocks = Blocks::default();
    let mut fence: Option<&str> = None;
    let lines: Vec<&str> = passage.lines().collect();
    for (index, line) in lines.iter().enumerate() {
        let bare = unquote(line.trim());
        if let Some(open) = fence {
            if bare.starts_with(open) {
                fence = None;
            }
            continue;
        }
        if let Some(open) = ["```", "~~~"].into_iter().find(|mark| bare.starts_with(mark)) {
            blocks.close();
            fence = Some(open);
            continue;
        }
        let next = lines.get(index + 1).map_or("", |line| line.trim());
        blocks.take(bare, is_rule_row(next));
    }
    blocks.close();
    blocks.done
}

#[derive(Default)]
struct Blocks {
    done: Vec<Block>,
    open: Option<Block>,
}

impl Blocks {
    fn take(&mut self, line: &str, before_rule_row: bool) {
        if line.is_empty() || is_rule(line) || is_lone_marker(line) {
            self.close();
        } else if let Some(title) = heading(line) {
            self.one(Kind::Heading, title);
        } else if line.starts_with('|') {
            let kind = if before_rule_row { Kind::Heading } else { Kind::Row };
            if !is_rule_row(line) {
                self.one(kind, line.trim_matches('|'));
            }
        } else if let Some(text) = item(line) {
            self.close();
            self.open = Some(Block {
                kind: Kind::Item,
                text: squeeze(text),
            });
        } else {
            match &mut self.open {
                Some(block) => {
                    block.text.push(' ');
                    block.text.push_str(&squeeze(line));
                }
                open => {
                    *open = Some(Block {
                        kind: Kind::Paragraph,
                        text: squeeze(line),
                    });
                }
            }
        }
    }

    fn one(&mut self, kind: Kind, text: &str) {
        self.close();
        self.done.push(Block {
            kind,
            text: squeeze(text),
        });
    }

    fn close(&mut self) {
        self.done
            .extend(self.open.take().filter(|block| !block.text.is_empty()));
    }
}

/// Makes every run of white space one space.
pub(crate) fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn unquote(line: &str) -> &str {
    line.strip_prefix('>')
        .map_or(line, |rest| unquote(rest.trim_start()))
}

fn heading(line: &str) -> Option<&str> {
    let text = line.trim_start_matches('#');
    let level = line.len() - text.len();
    ((1..=6).contains(&level) && text.starts_with(' ')).then(|| text.trim().trim_end_matches('#').trim_end())
}

fn is_rule(line: &str) -> bool {
    line.len() >= 3
        && ["-", "*", "_", "="]
            .iter()
            .any(|mark| line.replace(' ', "").replace(mark, "").is_empty())
}

/// Whether a line is a heading or an item without text.
fn is_lone_marker(line: &str) -> bool {
    let number = line.strip_suffix(['.', ')']).unwrap_or_default();
    matches!(line, "-" | "*" | "+" | "•")
        || line.bytes().all(|it| it == b'#')
        || !number.is_empty() && number.bytes().all(|it| it.is_ascii_digit())
}

fn is_rule_row(line: &str) -> bool {
    line.starts_with('|') && line.contains('-') && line.chars().all(|it| matches!(it, '|' | '-' | ':' | ' '))
}

fn item(line: &str) -> Option<&str> {
    if let Some(text) = ["- ", "* ", "+ ", "• "]
        .iter()
        .find_map(|marker| line.strip_prefix(marker))
    {
        return Some(
            text.strip_prefix("[ ] ")
                .or(text.strip_prefix("[x] "))
                .unwrap_or(text),
        );
    }
    let digits = line.len() - line.trim_start_matches(|it: char| it.is_ascii_digit()).len();
    let rest = &line[digits..];
    (1..=3)
        .contains(&digits)
        .then(|| rest.strip_prefix(". ").or(rest.strip_prefix(") ")))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_block() {
        let passage = "# Title #\nA line\n  and its rest.\n\n- one\n  more\n- two\n1. three\n> quoted\n\n```sh\ncode. Here.\n```\n\
                       | Head | Two |\n|---|:--|\n| a | b |\n---\nLast.";
        let found: Vec<_> = split(passage)
            .into_iter()
            .map(|block| (block.kind, block.text))
            .collect();
        let wanted = [
            (Kind::Heading, "Title"),
            (Kind::Paragraph, "A line and its rest."),
            (Kind::Item, "one more"),
            (Kind::Item, "two"),
            (Kind::Item, "three quoted"),
            (Kind::Heading, "Head | Two"),
            (Kind::Row, "a | b"),
            (Kind::Paragraph, "Last."),
        ];
        assert_eq!(found, wanted.map(|(kind, text)| (kind, text.to_owned())));
    }

    #[test]
    fn an_open_fence_hides_the_rest() {
        assert_eq!(split("```\ncode").len(), 0);
    }
}
