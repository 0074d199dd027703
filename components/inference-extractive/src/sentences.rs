//! The whole sentences of a passage, ready to be quoted.

use crate::blocks::{self, Block, Kind};
use crate::emphasis;

const BYTES_MAX: usize = 700;
const WORDS_MIN: usize = 4;

/// A sentence that may be quoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sentence {
    /// Its text, without marks of emphasis.
    pub(crate) text: String,
    /// The headings it stands under, and what its block begins with.
    pub(crate) context: String,
}

/// Splits a passage, in order.
pub(crate) fn split(passage: &str) -> Vec<Sentence> {
    let mut heading = String::new();
    let mut sentences = Vec::new();
    let blocks = blocks::split(passage);
    let last = blocks.len().saturating_sub(1);
    for (index, block) in blocks.iter().enumerate() {
        if block.kind == Kind::Heading {
            heading.clone_from(&block.text);
            continue;
        }
        let parts = parts(block);
        let mut lead = parts
            .first()
            .filter(|_| block.kind == Kind::Item)
            .map(|text| lead(text))
            .unwrap_or_default();
        let count = parts.len();
        for (place, text) in parts.into_iter().enumerate() {
            // A passage may begin and end in the middle of a sentence.
            let cut = block.kind == Kind::Paragraph
                && ((index == 0 && place == 0 && text.starts_with(char::is_lowercase))
                    || (index == last && place + 1 == count && !ends(&text)));
            let text = emphasis::strip(&text);
            if text.ends_with('?') {
                // A question is no answer, but says what the next sentences are about.
                lead = text;
                continue;
            }
            if !cut && may_be_quoted(&text) {
                sentences.push(Sentence {
                    text,
                    context: format!("{heading} {lead}"),
                });
            }
        }
    }
    sentences
}

/// The term that an item is about: `**Term**: …`.
fn lead(text: &str) -> String {
    text.split_once(':')
        .map_or("", |(lead, _)| lead)
        .chars()
        .take(80)
        .collect()
}

fn may_be_quoted(text: &str) -> bool {
    let words = text
        .split_whitespace()
        .filter(|word| word.contains(char::is_alphanumeric))
        .count();
    text.len() <= BYTES_MAX && words >= WORDS_MIN && !text.ends_with(':') && !has_mark(text)
}

/// Whether a text holds `[1]` or the like, which a reader would take for a citation of ours.
fn has_mark(text: &str) -> bool {
    text.split('[').skip(1).any(|rest| {
        rest.split_once(']')
            .is_some_and(|(mark, _)| !mark.is_empty() && mark.bytes().all(|it| it.is_ascii_digit()))
    })
}

fn ends(text: &str) -> bool {
    let text = text.trim_end_matches(['"', '\'', '”', '’', ')', ']', '*', '_', '`']);
    text.ends_with(['.', '!', '?', '…', '。', '！', '？'])
}

fn parts(block: &Block) -> Vec<String> {
    if block.kind == Kind::Row {
        return vec![block.text.clone()];
    }
    let mut parts = Vec::new();
    let mut rest = block.text.as_str();
    while let Some(end) = sentence_end(rest) {
        parts.push(rest[..end].trim().to_owned());
        rest = rest[end..].trim_start();
    }
    if !rest.is_empty() {
        parts.push(rest.to_owned());
    }
    parts
}

/// Where the first sentence of `text` ends, if another follows it.
fn sentence_end(text: &str) -> Option<usize> {
    let mut code = false;
    let mut depth = 0usize;
    // What is opened and never closed hides no end of a sentence.
    let (code_end, bracket_end) = (text.rfind('`').unwrap_or(0), text.rfind(')').unwrap_or(0));
    for (at, character) in text.char_indices() {
        match character {
            '`' => code = !code,
            '(' if !code => depth += 1,
            ')' if !code => depth = depth.saturating_sub(1),
            _ => {}
        }
        if code && at < code_end || depth > 0 && at <= bracket_end {
            continue;
        }
        if matches!(character, '。' | '！' | '？') {
            let end = at + character.len_utf8();
            return (end < text.len()).then_some(end);
        }
        if matches!(character, '.' | '!' | '?' | '…') {
            let after = &text[at + character.len_utf8()..];
            let closing = after.len()
                - after
                    .trim_start_matches(['"', '\'', '”', '’', ')', ']', '*', '_', '.', '!', '?'])
                    .len();
            let follows = &after[closing..];
            if follows.starts_with(' ')
                && begins(follows.trim_start())
                && !is_abbreviation(&text[..at], character)
            {
                return Some(at + character.len_utf8() + closing);
            }
        }
    }
    None
}

/// Whether a sentence may begin so.
fn begins(text: &str) -> bool {
    let first = text
        .trim_start_matches(['"', '\'', '“', '‘', '(', '[', '*', '_', '`'])
        .chars()
        .next();
    // A name in code may begin a sentence in lower case.
    text.starts_with('`')
        || first.is_some_and(|first| first.is_uppercase() || first.is_numeric() || !first.is_ascii())
}

/// Words whose full stop ends no sentence.
const ABBREVIATIONS: [&str; 30] = [
    "e.g", "i.e", "etc", "cf", "vs", "mr", "mrs", "ms", "dr", "prof", "st", "no", "nos", "fig", "figs", "eq",
    "sec", "ch", "vol", "pp", "ed", "eds", "al", "approx", "ca", "resp", "inc", "ltd", "jr", "sr",
];

fn is_abbreviation(before: &str, mark: char) -> bool {
    if mark != '.' {
        return false;
    }
    let word = before
        .rsplit([' ', '(', '[', '“', '"', '*', '_'])
        .next()
        .unwrap_or_default();
    let lower = word.to_lowercase();
    let initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase) && word != "I";
    // `etc.` and `no.` before a capital end sentences more often than not, but a wrong split breaks a quote.
    initial || (ABBREVIATIONS.contains(&lower.as_str()) && lower != "no") || (lower == "no" && word == "No")
}

#[cfg(test)]
#[path = "sentences_tests.rs"]
mod tests;
