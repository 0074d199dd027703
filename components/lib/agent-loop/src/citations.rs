//! Taking marks out of text that comes in pieces, and deciding on each.

use std::mem;

/// Bytes of a bracket at most: longer ones are only text.
const BRACKET_BYTES_MAX: usize = 24;
/// Bytes of a sentence that are remembered.
const CLAIM_BYTES_MAX: usize = 2_000;

/// What came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Text to show, with the marks that hold.
    Text(String),
    /// The text so far ends with this mark, which holds.
    Mark(u32),
}

/// Reads text piece by piece. A mark is `[n]` or `[n, m]`, outside of code; one that `holds` refuses is taken out and
/// counted, together with the blanks before it.
#[derive(Debug, Default)]
pub struct CitationFilter {
    /// Blanks, then perhaps an unfinished bracket: shown when it is known what they are.
    held: String,
    in_bracket: bool,
    in_code: bool,
    /// The sentence that a mark here would be of.
    claim: String,
    claim_ended: bool,
    removed: u32,
}

impl CitationFilter {
    /// A filter at the start of a text.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Marks taken out so far.
    #[must_use]
    pub fn removed(&self) -> u32 {
        self.removed
    }

    /// Takes the next piece. `holds` is asked whether the mark holds for the sentence before it.
    pub fn feed(&mut self, text: &str, holds: &dyn Fn(u32, &str) -> bool) -> Vec<Piece> {
        let mut out = Pieces::default();
        for c in text.chars() {
            if self.in_bracket {
                self.in_bracket(c, holds, &mut out);
            } else {
                self.outside(c, &mut out);
            }
        }
        out.finish()
    }

    /// The text ended: what is held is text.
    pub fn finish(&mut self) -> Vec<Piece> {
        let mut out = Pieces::default();
        self.release(&mut out);
        out.finish()
    }

    fn outside(&mut self, c: char, out: &mut Pieces) {
        match c {
            '[' if !self.in_code => {
                self.held.push(c);
                self.in_bracket = true;
            }
            ' ' if self.held.len() < BRACKET_BYTES_MAX && !self.in_code => self.held.push(c),
            _ => {
                self.release(out);
                self.in_code ^= c == '`';
                self.remember(c);
                out.push(c);
            }
        }
    }

    fn in_bracket(&mut self, c: char, holds: &dyn Fn(u32, &str) -> bool, out: &mut Pieces) {
        match c {
            '0'..='9' | ',' | ' ' if self.held.len() < BRACKET_BYTES_MAX => self.held.push(c),
            ']' => {
                self.held.push(c);
                self.decide(holds, out);
            }
            _ => {
                self.release(out);
                self.outside(c, out);
            }
        }
    }

    /// The bracket is whole: shows the marks of it that hold.
    fn decide(&mut self, holds: &dyn Fn(u32, &str) -> bool, out: &mut Pieces) {
        let Some(marks) = marks(&self.held) else {
            return self.release(out);
        };
        let (kept, refused): (Vec<u32>, Vec<u32>) = marks.iter().partition(|mark| holds(**mark, &self.claim));
        self.removed += u32::try_from(refused.len()).unwrap_or(u32::MAX);
        let held = mem::take(&mut self.held);
        self.in_bracket = false;
        if kept.is_empty() {
            return;
        }
        let blanks = &held[..held.find('[').unwrap_or_default()];
        let numbers: Vec<String> = kept.iter().map(u32::to_string).collect();
        out.text.push_str(&format!("{blanks}[{}]", numbers.join(", ")));
        kept.into_iter().for_each(|mark| out.mark(mark));
    }

    /// What is held turned out to be text.
    fn release(&mut self, out: &mut Pieces) {
        self.in_bracket = false;
        for c in mem::take(&mut self.held).chars() {
            self.remember(c);
            out.push(c);
        }
    }

    /// A sentence ends with its full stop, but what is said of it may follow until the next one begins.
    fn remember(&mut self, c: char) {
        match c {
            '.' | '!' | '?' | '\n' | '。' | '！' | '？' => self.claim_ended = true,
            _ if self.claim_ended && c.is_alphanumeric() => {
                if self.claim.ends_with(is_break) {
                    self.claim.clear();
                }
                self.claim_ended = false;
            }
            _ => {}
        }
        if self.claim.len() < CLAIM_BYTES_MAX {
            self.claim.push(c);
        }
    }
}

/// What stands between two sentences; `48.0.8` and `spin.toml` are none.
fn is_break(c: char) -> bool {
    c.is_whitespace() || "\"“”„«»()*_-#>".contains(c) || "。！？".contains(c)
}

/// The numbers of a bracket; none when it is not one of marks.
fn marks(held: &str) -> Option<Vec<u32>> {
    let inner = held.trim_start().strip_prefix('[')?.strip_suffix(']')?;
    inner
        .split(',')
        .map(|number| number.trim().parse().ok())
        .collect()
}

/// Pieces, with neighbouring text in one.
#[derive(Default)]
struct Pieces {
    done: Vec<Piece>,
    text: String,
}

impl Pieces {
    fn push(&mut self, c: char) {
        self.text.push(c);
    }

    fn mark(&mut self, mark: u32) {
        self.flush();
        self.done.push(Piece::Mark(mark));
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.done.push(Piece::Text(mem::take(&mut self.text)));
        }
    }

    fn finish(mut self) -> Vec<Piece> {
        self.flush();
        self.done
    }
}

#[cfg(test)]
#[path = "citations_tests.rs"]
mod tests;
