//! The whole sentences of a passage, ready to be quoted.

use crate::blocks::{self, Block, Kind};

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
            let text = plain(&text);
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
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '`' => code = !code,
            '(' if !code => depth += 1,
            ')' if !code => depth = depth.saturating_sub(1),
            _ => {}
        }
        if code && text[at + 1..].contains('`') || depth > 0 && text[at..].contains(')') {
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

/// Takes marks of emphasis off: `**`, `__`, and single ones that stand at a word's edge.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut code = false;
    let characters: Vec<char> = text.chars().collect();
    for (index, &character) in characters.iter().enumerate() {
        if character == '`' {
            code = !code;
        }
        let mark = matches!(character, '*' | '_') && !code;
        if !mark || !is_emphasis(&characters, index) {
            out.push(character);
        }
    }
    blocks::squeeze(&out)
}

/// Whether the mark at `index` is emphasis: a word touches it on one side only, or its twin stands beside it.
fn is_emphasis(characters: &[char], index: usize) -> bool {
    let mark = characters[index];
    let beside = |step: isize| {
        let mut at = index.checked_add_signed(step);
        while at.and_then(|at| characters.get(at)) == Some(&mark) {
            at = at.and_then(|at| at.checked_add_signed(step));
        }
        at.and_then(|at| characters.get(at)).copied()
    };
    let (left, right) = (beside(-1), beside(1));
    let is_word = |it: Option<char>| it.is_some_and(|it| !it.is_whitespace());
    let inside = |it: Option<char>| it.is_some_and(char::is_alphanumeric);
    if inside(left) && inside(right) {
        return mark == '*'
            && (characters.get(index + 1) == Some(&mark) || index > 0 && characters[index - 1] == mark);
    }
    is_word(left) || is_word(right)
}

#[cfg(test)]
#[path = "sentences_tests.rs"]
mod tests;
