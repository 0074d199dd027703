//! Finding marks `[n]` in text that comes in pieces.

/// Digits of a mark at most: there are never more passages than 50.
const DIGITS_MAX: usize = 3;

/// Remembers an unfinished mark from one piece of text to the next.
#[derive(Debug, Default)]
pub struct MarkScanner {
    /// The digits after an open bracket; none when no bracket is open.
    open: Option<String>,
}

impl MarkScanner {
    /// A scanner at the start of a text.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The marks that this piece completes, in order.
    pub fn feed(&mut self, text: &str) -> Vec<u32> {
        let mut marks = Vec::new();
        for c in text.chars() {
            self.open = match (self.open.take(), c) {
                (_, '[') => Some(String::new()),
                (Some(mut digits), '0'..='9') if digits.len() < DIGITS_MAX => {
                    digits.push(c);
                    Some(digits)
                }
                (Some(digits), ']') => {
                    marks.extend(digits.parse::<u32>().ok());
                    None
                }
                _ => None,
            };
        }
        marks
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn marks_are_found() {
        for (text, expected) in [
            ("One. [1] Two. [2]", vec![1, 2]),
            ("[1][12][123]", vec![1, 12, 123]),
            ("[[3]]", vec![3]),
            ("[1, 2] [a] [] [ 1] [1234] [-1] 1]", vec![]),
            ("é[4]é", vec![4]),
            ("[", vec![]),
        ] {
            assert_eq!(MarkScanner::new().feed(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(text in "[\\[\\]0-9a ]{0,60}", cuts in prop::collection::vec(0_usize..60, 0..10)) {
            let whole = MarkScanner::new().feed(&text);
            let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c.min(text.len())).collect();
            cuts.sort_unstable();
            cuts.push(text.len());
            let mut scanner = MarkScanner::new();
            let mut start = 0;
            let mut found = Vec::new();
            for end in cuts {
                found.extend(scanner.feed(&text[start..end]));
                start = end;
            }
            prop_assert_eq!(found, whole);
        }
    }
}
