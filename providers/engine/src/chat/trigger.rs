//! When a model that calls tools as it sees fit begins a call. Pure.
//!
//! llama.cpp's own lazy grammars search all text so far by a regular expression with each token; this keeps only
//! the text that may still become the beginning of a call.

use llama_cpp_2::token::LlamaToken;

/// Bytes of a beginning that may still become a call.
const HELD_BYTES_MAX: usize = 512;

/// How a call begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Opening {
    /// With this mark, anywhere.
    pub(crate) tag: Option<&'static str>,
    /// With the JSON of a call of one of these at the beginning of a line; each name is quoted.
    pub(crate) names: Vec<String>,
    /// That JSON may begin with `"type":"function"`.
    pub(crate) typed: bool,
}

/// A call has begun.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Begun {
    /// What of the call the first token of it holds, where that token began before the call.
    pub(crate) cut: Vec<u8>,
    /// The tokens after that.
    pub(crate) tokens: Vec<LlamaToken>,
}

/// Watches tokens for the beginning of a call.
pub(crate) struct Trigger {
    opening: Opening,
    held: Vec<u8>,
    /// Tokens whose text is held, with its length; that of the first may be held in part.
    tokens: Vec<(LlamaToken, usize)>,
    /// Only white space stands on the line before what is held.
    line_start: bool,
}

enum Seen {
    Begun,
    Unsure,
    Not,
}

impl Trigger {
    pub(crate) fn new(opening: Opening) -> Self {
        Self {
            opening,
            held: Vec::new(),
            tokens: Vec::new(),
            line_start: true,
        }
    }

    /// Takes a token and its text; gives the call so far when it begins one.
    pub(crate) fn push(&mut self, token: LlamaToken, piece: &[u8]) -> Option<Begun> {
        if piece.is_empty() {
            return None;
        }
        self.held.extend_from_slice(piece);
        self.tokens.push((token, piece.len()));
        while !self.held.is_empty() {
            match self.look() {
                Seen::Begun => return Some(self.begun()),
                Seen::Unsure if self.held.len() <= HELD_BYTES_MAX => return None,
                _ => self.pass(),
            }
        }
        self.tokens.clear();
        None
    }

    fn look(&self) -> Seen {
        let mut unsure = false;
        if let Some(tag) = self.opening.tag {
            match literal(&self.held, tag.as_bytes()) {
                Ok(_) => return Seen::Begun,
                Err(cut) => unsure |= cut,
            }
        }
        if self.line_start && self.held[0] == b'{' {
            match self.bare() {
                Ok(()) => return Seen::Begun,
                Err(cut) => unsure |= cut,
            }
        }
        if unsure { Seen::Unsure } else { Seen::Not }
    }

    /// Whether the JSON of a call of a known tool begins; else whether it still may.
    fn bare(&self) -> Result<(), bool> {
        let mut rest = words(&self.held, &["{"])?;
        if self.opening.typed && blanks(rest).starts_with(b"\"t") {
            rest = words(rest, &["\"type\"", ":", "\"function\"", ","])?;
        }
        rest = blanks(words(rest, &["\"name\"", ":"])?);
        let mut unsure = false;
        for name in &self.opening.names {
            match literal(rest, name.as_bytes()) {
                Ok(_) => return Ok(()),
                Err(cut) => unsure |= cut,
            }
        }
        Err(unsure)
    }

    /// Lets the first byte go.
    fn pass(&mut self) {
        let byte = self.held.remove(0);
        self.line_start = byte == b'\n' || (self.line_start && byte.is_ascii_whitespace());
        let held: usize = self.tokens.iter().map(|(_, length)| length).sum();
        if let Some((_, length)) = self.tokens.first()
            && held - length >= self.held.len()
        {
            self.tokens.remove(0);
        }
    }

    fn begun(&mut self) -> Begun {
        let held = std::mem::take(&mut self.held);
        let mut tokens = std::mem::take(&mut self.tokens);
        let whole: usize = tokens.iter().map(|(_, length)| length).sum();
        // The first token began before the call when there is less text than its tokens have.
        let mut cut = Vec::new();
        if whole > held.len() {
            let (_, length) = tokens.remove(0);
            cut = held[..length - (whole - held.len())].to_vec();
        }
        Begun {
            cut,
            tokens: tokens.into_iter().map(|(token, _)| token).collect(),
        }
    }
}

/// What follows these words, with white space before each; else whether it may still come.
fn words<'a>(mut text: &'a [u8], words: &[&str]) -> Result<&'a [u8], bool> {
    for word in words {
        text = literal(blanks(text), word.as_bytes())?;
    }
    Ok(text)
}

fn literal<'a>(text: &'a [u8], word: &[u8]) -> Result<&'a [u8], bool> {
    text.strip_prefix(word).ok_or_else(|| word.starts_with(text))
}

fn blanks(text: &[u8]) -> &[u8] {
    text.trim_ascii_start()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn opening(tag: Option<&'static str>) -> Opening {
        Opening {
            tag,
            names: vec!["\"add\"".to_owned(), "\"get\"".to_owned()],
            typed: true,
        }
    }

    /// The text of the call so far, once one begins, with its tokens.
    fn run(opening: Opening, pieces: &[&[u8]]) -> Option<(String, Vec<i32>)> {
        let mut trigger = Trigger::new(opening);
        for (at, piece) in pieces.iter().enumerate() {
            if let Some(begun) = trigger.push(LlamaToken(at as i32), piece) {
                let cut = String::from_utf8(begun.cut).expect("text");
                return Some((cut, begun.tokens.iter().map(|token| token.0).collect()));
            }
        }
        None
    }

    #[test]
    fn a_call_begins_with_its_mark_or_its_json() {
        let check = |pieces: &[&str], expected: Option<(&str, &[i32])>| {
            let pieces: Vec<&[u8]> = pieces.iter().map(|piece| piece.as_bytes()).collect();
            let found = run(opening(Some("<tool_call>")), &pieces);
            let found = found
                .as_ref()
                .map(|(cut, tokens)| (cut.as_str(), tokens.as_slice()));
            assert_eq!(found, expected);
        };
        check(&["so ", "<tool_call>"], Some(("", &[1])));
        check(&["so <tool", "_call>", "x"], Some(("<tool", &[1])));
        check(&["a <tool_call>{"], Some(("<tool_call>{", &[])));
        check(&["<tool", "_cat>", "<tool_call>"], Some(("", &[2])));
        check(&["{\"name\"", ": \"add", "\""], Some(("", &[0, 1, 2])));
        check(&["```\n", "{ \"name\": \"get\"", ","], Some(("", &[1])));
        check(&["{\"type\": \"function\", \"name\":\"add\""], Some(("", &[0])));
        check(&["see {\"name\": \"add\""], None);
        check(&["{\"name\": \"other\"", "{\"type\": \"x\"", "{\"names\""], None);
        check(&["{", &" ".repeat(600), "\"name\":\"add\""], None);
    }

    proptest! {
        #[test]
        fn any_split_of_a_text_begins_the_same_call(
            text in "(<tool|_call>|<tool_call>|\\{\"name\"|: ?|\"add\"|\"type\":\"function\",|[ \n<{x])*",
            cuts in prop::collection::vec(0_usize..6, 0..60),
        ) {
            let mut rest = text.as_bytes();
            let mut pieces = Vec::new();
            for cut in cuts.into_iter().chain(std::iter::repeat(3)) {
                if rest.is_empty() {
                    break;
                }
                let (piece, after) = rest.split_at(cut.min(rest.len()));
                pieces.push(piece);
                rest = after;
            }
            // The text from the call on, with what its last token holds beyond it.
            let begins = |pieces: &[&[u8]]| {
                run(opening(Some("<tool_call>")), pieces).map(|(cut, tokens)| {
                    let seen: usize = match tokens.last() {
                        Some(last) => pieces[..=*last as usize].iter().map(|piece| piece.len()).sum(),
                        None => return None,
                    };
                    let length: usize = tokens.iter().map(|token| pieces[*token as usize].len()).sum();
                    Some(seen - length - cut.len())
                })
            };
            let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
            match (begins(&pieces), begins(&bytes)) {
                (Some(Some(at)), Some(Some(expected))) => prop_assert_eq!(at, expected),
                (found, expected) => prop_assert_eq!(found.is_some(), expected.is_some()),
            }
        }
    }
}
