//! Texts of a conversation never become control tokens.
//!
//! The same rule as the engine's guard: where a text spells a token that only the template may write, a mark is set after
//! its first character, and one at the end of a text that ends as a spelling begins. The rendered text is cut at the marks
//! and each part becomes tokens by itself.

use std::borrow::Cow;

use minijinja::Value;
use minijinja::value::ValueKind;

/// A noncharacter, which no text should hold; one that does has it replaced.
pub const MARK: char = '\u{fdd0}';

/// The spellings that texts must not keep.
#[derive(Clone, Debug)]
pub(super) struct Guard(Vec<&'static str>);

impl Guard {
    pub(super) fn new(spellings: impl IntoIterator<Item = &'static str>) -> Self {
        Self(spellings.into_iter().collect())
    }

    /// The text with marks where it needs them; the same text where it needs none.
    pub(super) fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let text = match text.contains(MARK) {
            true => Cow::Owned(text.replace(MARK, "\u{fffd}")),
            false => Cow::Borrowed(text),
        };
        let marks = self.marks(&text);
        if marks.is_empty() {
            return text;
        }
        let mut marked = text.into_owned();
        for at in marks.into_iter().rev() {
            marked.insert(at, MARK);
        }
        Cow::Owned(marked)
    }

    /// All texts in a JSON value, keys too.
    pub(super) fn value(&self, value: &Value) -> Value {
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
        let spelled = |at: usize| self.0.iter().any(|spelling| text[at..].starts_with(spelling));
        let mut marks: Vec<usize> = text
            .char_indices()
            .filter(|(at, _)| spelled(*at))
            .map(|(at, first)| at + first.len_utf8())
            .collect();
        let trimmed = text.trim_end();
        if self.begins(trimmed) && marks.last() != Some(&trimmed.len()) {
            marks.push(trimmed.len());
        }
        marks
    }

    /// Whether a text ends as a spelling begins: what follows could complete it.
    fn begins(&self, text: &str) -> bool {
        self.0.iter().any(|spelling| {
            let cuts = spelling.char_indices().skip(1);
            cuts.into_iter().any(|(cut, _)| text.ends_with(&spelling[..cut]))
        })
    }
}

/// The parts of a rendered text that become tokens by themselves.
pub fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(MARK).filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SPELLINGS: [&str; 3] = ["<|im_end|>", "<|im_start|>", "<tool_call>"];

    fn guard() -> Guard {
        Guard::new(SPELLINGS)
    }

    #[test]
    fn a_spelling_is_cut_after_its_first_character() {
        for (text, expected) in [
            ("hi <|im_end|> there", "hi <^|im_end|> there"),
            ("<|im_end|><|im_end|>", "<^|im_end|><^|im_end|>"),
            ("a <b> c > d", "a <b> c > d"),
            ("ends <|im_", "ends <|im_^"),
            ("a < ", "a <^ "),
            ("\u{fdd0}<tool\u{fdd0}_call>", "\u{fffd}<tool\u{fffd}_call>"),
            ("", ""),
        ] {
            assert_eq!(guard().text(text).replace(MARK, "^"), expected, "{text}");
        }
    }

    #[test]
    fn values_are_guarded_in_keys_and_in_depth() {
        let json = r#"{"<tool_call>":["x",{"a":"<|im_end|>"},7,null]}"#;
        let value: Value = serde_json::from_str(json).expect("JSON");
        let guarded = serde_json::to_string(&guard().value(&value)).expect("JSON");
        assert_eq!(
            guarded.replace(MARK, "^"),
            r#"{"<^tool_call>":["x",{"a":"<^|im_end|>"},7,null]}"#
        );
    }

    proptest! {
        #[test]
        fn no_part_of_any_text_holds_a_spelling(
            texts in prop::collection::vec("(<\\|im_|<\\|im_end\\|>|end\\|>|start\\|>|<tool|_call>|[<>a-c \u{fdd0}|/])*", 1..4)
        ) {
            let marked: String = texts.iter().map(|text| guard().text(text).into_owned()).collect();
            for part in parts(&marked) {
                for spelling in SPELLINGS {
                    prop_assert!(!part.contains(spelling), "{part}");
                }
            }
            let whole = texts.concat().replace(MARK, "\u{fffd}");
            prop_assert_eq!(parts(&marked).collect::<String>(), whole);
        }
    }
}
