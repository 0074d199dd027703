//! Calls of tools out of generated text, as it comes.
//!
//! [`look`] decides from the text so far what its beginning is: plain, a call, or not known yet. A decision
//! never depends on what comes later, so any split of the text into pieces gives the same result.
//!
//! A call is given whole, once its JSON is complete and names a tool of the request. What looks like a call
//! and is none (cut short, another name, arguments that are no object, over [`CALL_BYTES_MAX`]) is given back
//! as the text it is: nothing is lost, nothing waits for ever.

mod form;
mod json;

use super::family::Family;
use form::look;

/// Bytes of the JSON of a call, or of a list of calls, at most.
const CALL_BYTES_MAX: usize = 64 * 1024;
/// After so many calls of a completion all is text; a list holds no more than these either.
const CALLS_MAX: usize = 64;

/// A piece of what the model says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    Call(Call),
}

/// A call with a known name; `arguments` is a JSON object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) arguments: String,
}

/// What calls look like here.
pub(crate) struct Expected {
    pub(crate) family: Family,
    /// Names of the tools there are.
    pub(crate) names: Vec<String>,
}

/// Where in the message the text is.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    /// Only white space was before it on its line.
    line_start: bool,
    /// Nothing comes after it.
    last: bool,
}

/// What the beginning of a text is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Not known: more text must come.
    Unsure,
    /// So many bytes, at least one, of plain text.
    Plain(usize),
    /// Calls, and how many bytes they took.
    Calls(Vec<Call>, usize),
}

/// Takes generated text and gives text and calls, in order.
pub(crate) struct CallParser {
    expected: Expected,
    held: String,
    /// White space that is shown only if text follows it.
    blank: String,
    line_start: bool,
    calls: usize,
}

impl CallParser {
    pub(crate) fn new(expected: Expected) -> Self {
        Self {
            expected,
            held: String::new(),
            blank: String::new(),
            line_start: true,
            calls: 0,
        }
    }

    /// Adds text and takes what is certain.
    pub(crate) fn push(&mut self, text: &str) -> Vec<Piece> {
        self.held.push_str(text);
        self.take(false)
    }

    /// Takes what is held back: nothing follows.
    pub(crate) fn finish(&mut self) -> Vec<Piece> {
        let mut pieces = self.take(true);
        let blank = std::mem::take(&mut self.blank);
        if self.calls == 0 && !blank.is_empty() {
            join(&mut pieces, blank);
        }
        pieces
    }

    fn take(&mut self, last: bool) -> Vec<Piece> {
        let mut pieces = Vec::new();
        while !self.held.is_empty() {
            let place = Place {
                line_start: self.line_start,
                last,
            };
            match self.look(place) {
                Seen::Unsure => break,
                Seen::Plain(bytes) => self.plain(bytes, &mut pieces),
                Seen::Calls(calls, bytes) => {
                    self.held.drain(..bytes);
                    // White space around calls is markup.
                    self.blank.clear();
                    self.line_start = true;
                    self.calls += calls.len();
                    pieces.extend(calls.into_iter().map(Piece::Call));
                }
            }
        }
        pieces
    }

    fn look(&self, place: Place) -> Seen {
        if self.calls >= CALLS_MAX {
            return Seen::Plain(self.held.len());
        }
        match look(&self.held, &self.expected, place) {
            Seen::Unsure if place.last => Seen::Plain(self.held.len()),
            seen => seen,
        }
    }

    fn plain(&mut self, bytes: usize, pieces: &mut Vec<Piece>) {
        let text: String = self.held.drain(..bytes).collect();
        match text.rfind('\n') {
            Some(at) => self.line_start = text[at..].trim().is_empty(),
            None => self.line_start &= text.trim().is_empty(),
        }
        let shown = text.trim_end();
        if shown.is_empty() {
            self.blank.push_str(&text);
            return;
        }
        let blank = std::mem::replace(&mut self.blank, text[shown.len()..].to_owned());
        join(pieces, blank + shown);
    }
}

fn join(pieces: &mut Vec<Piece>, more: String) {
    match pieces.last_mut() {
        Some(Piece::Text(text)) => text.push_str(&more),
        _ => pieces.push(Piece::Text(more)),
    }
}

#[cfg(test)]
mod tests;
