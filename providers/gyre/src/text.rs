//! Text of others on this terminal.

/// The text without control characters: documents and models must not steer the terminal.
pub(crate) fn printable(text: &str) -> String {
    let shown = |c: char| {
        if c.is_control() && !matches!(c, '\n' | '\t') {
            '\u{fffd}'
        } else {
            c
        }
    };
    // A carriage return is half a line end in many documents; alone it would write over the line.
    text.chars().filter(|c| *c != '\r').map(shown).collect()
}

/// The text on one line.
pub(crate) fn one_line(text: &str) -> String {
    printable(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_shown_and_not_obeyed() {
        let cases = [
            ("plain\n\ttext", "plain\n\ttext"),
            ("\u{1b}[2J", "\u{fffd}[2J"),
            ("a\rb\u{7}\r\n", "ab\u{fffd}\n"),
            ("\u{9b}31m", "\u{fffd}31m"),
            ("é 語", "é 語"),
        ];
        for (given, expected) in cases {
            assert_eq!(printable(given), expected);
        }
        assert_eq!(one_line(" a\r\n  b\tc "), "a b c");
    }
}
