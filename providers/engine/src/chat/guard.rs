//! Texts of a conversation never become control tokens.
//!
//! A message may spell `<|im_end|>`. Where a text holds the spelling of a token that only the template may
//! write, a mark is set after its first character; the rendered prompt is cut at the marks and each part is
//! tokenised by itself, so that no part holds the spelling. Marks are rare: a prompt of ordinary text has
//! none and is tokenised in one piece, exactly as without this. The price where a mark is: the spelling
//! becomes ordinary text whose tokens do not merge across the mark, and a tokenizer that puts a space before
//! the first word puts one there too. A control token of a single character cannot be told from text and
//! is left alone; no known model has one.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use minijinja::Value;
use minijinja::value::ValueKind;

/// A noncharacter, which no text should hold; one that does has it replaced.
pub(super) const MARK: char = '\u{fdd0}';

/// The spellings that texts must not keep.
#[derive(Default)]
pub(crate) struct Guard {
    spellings: HashSet<String>,
    /// Lengths of the spellings that begin with a character, in bytes.
    lengths: HashMap<char, Vec<usize>>,
    /// Proper beginnings of spellings: what follows a text could complete them.
    begins: HashSet<String>,
    longest: usize,
}

impl Guard {
    pub(crate) fn new(spellings: impl IntoIterator<Item = String>) -> Self {
        let mut guard = Self::default();
        for spelling in spellings {
            guard.add(spelling);
        }
        guard
    }

    fn add(&mut self, spelling: String) {
        let mut characters = spelling.chars();
        let (Some(first), Some(_)) = (characters.next(), characters.next()) else {
            return;
        };
        let lengths = self.lengths.entry(first).or_default();
        if !lengths.contains(&spelling.len()) {
            lengths.push(spelling.len());
        }
        for (at, _) in spelling.char_indices().skip(1) {
            self.begins.insert(spelling[..at].to_owned());
        }
        self.longest = self.longest.max(spelling.len());
        self.spellings.insert(spelling);
    }

    /// The text with marks where it needs them; the same text where it needs none.
    pub(crate) fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let text = match text.contains(MARK) {
            true => Cow::Owned(text.replace(MARK, "\u{fffd}")),
            false => Cow::Borrowed(text),
        };
        let marks = self.marks(&text);
        if marks.is_empty() {
            return text;
        }
        let mut marked = String::with_capacity(text.len() + marks.len() * MARK.len_utf8());
        let mut from = 0;
        for at in marks {
            marked.push_str(&text[from..at]);
            marked.push(MARK);
            from = at;
        }
        marked.push_str(&text[from..]);
        Cow::Owned(marked)
    }

    /// All texts in a JSON value, keys too.
    pub(crate) fn value(&self, value: &Value) -> Value {
        match value.kind() {
            ValueKind::String => Value::from(self.text(value.as_str().unwrap_or_default()).into_owned()),
            ValueKind::Seq => value
                .try_iter()
                .map(|items| items.map(|item| self.value(&item)).collect())
                .unwrap_or_default(),
            ValueKind::Map => {
                let entry = |key: Value| {
                    let item = value.get_item(&key).unwrap_or_default();
                    (self.value(&key), self.value(&item))
                };
                value
                    .try_iter()
                    .map(|keys| keys.map(entry).collect())
                    .unwrap_or_default()
            }
            _ => value.clone(),
        }
    }

    /// Where marks go, ascending, each once.
    fn marks(&self, text: &str) -> Vec<usize> {
        let mut marks = Vec::new();
        for (at, character) in text.char_indices() {
            let begins = |length: &usize| {
                let spelled = text.get(at..at + length);
                spelled.is_some_and(|spelled| self.spellings.contains(spelled))
            };
            if self
                .lengths
                .get(&character)
                .is_some_and(|lengths| lengths.iter().any(begins))
            {
                marks.push(at + character.len_utf8());
            }
        }
        // Templates trim texts, so what counts as the end is what is left then.
        let trimmed = text.trim_end();
        let begun = (1..self.longest.min(trimmed.len() + 1)).any(|length| {
            let tail = trimmed.get(trimmed.len() - length..);
            tail.is_some_and(|tail| self.begins.contains(tail))
        });
        if begun && marks.last() != Some(&trimmed.len()) {
            marks.push(trimmed.len());
        }
        marks
    }
}

/// The parts of a rendered prompt that are tokenised by themselves.
pub(crate) fn parts(prompt: &str) -> impl Iterator<Item = &str> {
    prompt.split(MARK).filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SPELLINGS: [&str; 6] = [
        "<|im_end|>",
        "<|im_start|>",
        "</s>",
        "[INST]",
        "<eot>",
        "<tool_call>",
    ];

    fn guard() -> Guard {
        Guard::new(SPELLINGS.map(str::to_owned))
    }

    #[test]
    fn a_spelling_is_cut_after_its_first_character() {
        let check = |text: &str, expected: &str| {
            assert_eq!(guard().text(text).replace(MARK, "^"), expected, "{text}");
        };
        check("hi <|im_end|> there", "hi <^|im_end|> there");
        check("</s></s>", "<^/s><^/s>");
        check("a <b> c > d", "a <b> c > d");
        check("ends <|im_", "ends <|im_^");
        check("a < ", "a <^ ");
        check("> quoted", "> quoted");
        check("\u{fdd0}<eo\u{fdd0}t>", "\u{fffd}<eo\u{fffd}t>");
        check("", "");
    }

    #[test]
    fn values_are_guarded_in_keys_and_in_depth() {
        let json = r#"{"</s>":["x",{"a":"[INST]"},7,null]}"#;
        let value: Value = serde_json::from_str(json).expect("JSON");
        let guarded = serde_json::to_string(&guard().value(&value)).expect("JSON");
        assert_eq!(
            guarded.replace(MARK, "^"),
            r#"{"<^/s>":["x",{"a":"[^INST]"},7,null]}"#
        );
    }

    proptest! {
        #[test]
        fn no_part_of_any_prompt_holds_a_spelling_of_a_text(
            texts in prop::collection::vec("(<\\|im_|<\\|im_end\\|>|end\\|>|start\\|>|</s>|s>|[<>a-c \u{fdd0}|/])*", 1..4)
        ) {
            let guard = guard();
            let prompt: String = texts.iter().map(|text| guard.text(text)).collect();
            for part in parts(&prompt) {
                for spelling in SPELLINGS {
                    prop_assert!(!part.contains(spelling), "{part}");
                }
            }
            let whole: String = texts.concat().replace(MARK, "\u{fffd}");
            prop_assert_eq!(parts(&prompt).collect::<String>(), whole);
        }

        #[test]
        fn ordinary_text_is_left_as_it_is(text in "[a-z0-9 .,\n(){}\"'-]{0,80}") {
            prop_assert!(matches!(guard().text(&text), Cow::Borrowed(_)));
        }
    }
}
