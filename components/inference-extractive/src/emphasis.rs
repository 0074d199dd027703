//! Markdown's marks of emphasis, which a quote does without.

/// What a word may begin with besides letters and digits.
const OPENERS: &str = "`\"'“‘([<*_~$/\\.+";

/// A run of one mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    start: usize,
    length: usize,
    opens: bool,
    closes: bool,
}

/// Takes off the marks `*` and `_` that stand in pairs around words. In code, and where a mark has no partner,
/// they are text.
pub(crate) fn strip(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut off = vec![false; characters.len()];
    let mut open: Vec<Run> = Vec::new();
    for run in runs(&characters) {
        let mark = characters[run.start];
        let partner = open
            .iter()
            .rposition(|other| characters[other.start] == mark && other.length == run.length);
        match partner.filter(|_| run.closes) {
            Some(at) => {
                for run in [open[at], run] {
                    off[run.start..run.start + run.length].fill(true);
                }
                open.truncate(at);
            }
            None if run.opens => open.push(run),
            None => {}
        }
    }
    characters
        .iter()
        .zip(off)
        .filter(|(_, off)| !off)
        .map(|(character, _)| character)
        .collect()
}

/// The runs of marks outside code.
fn runs(characters: &[char]) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut code = false;
    let mut at = 0;
    while at < characters.len() {
        let mark = characters[at];
        let length = characters[at..].iter().take_while(|it| **it == mark).count();
        if mark == '`' {
            code = !code;
        } else if matches!(mark, '*' | '_') && !code && length <= 3 {
            runs.push(run(characters, at, length));
        }
        at += length;
    }
    runs
}

fn run(characters: &[char], start: usize, length: usize) -> Run {
    let before = start.checked_sub(1).map(|at| characters[at]);
    let after = characters.get(start + length).copied();
    let space = |it: Option<char>| it.is_none_or(char::is_whitespace);
    let word = |it: Option<char>| it.is_some_and(char::is_alphanumeric);
    // Stricter than CommonMark, which sees emphasis in `a-*, b-*`: an opening mark stands before what a word or
    // a quoted, coded or bracketed one begins with.
    let begins = word(after) || after.is_some_and(|it| OPENERS.contains(it));
    let underscore = characters[start] == '_';
    Run {
        start,
        length,
        opens: begins && !(underscore && word(before)),
        closes: !space(before) && !(underscore && word(after)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_go_and_the_rest_stays() {
        for (text, wanted) in [
            ("a **bold** word", "a bold word"),
            ("*whole*", "whole"),
            ("***both*** and __more__ and _one_", "both and more and one"),
            ("**Term**: what _it_ is.", "Term: what it is."),
            ("vector-*, ledger-*", "vector-*, ledger-*"),
            ("2 * 3 * 4", "2 * 3 * 4"),
            ("snake_case_name and __init__", "snake_case_name and init"),
            ("`a*b*c` and `__x__`", "`a*b*c` and `__x__`"),
            ("a lone * and _ too", "a lone * and _ too"),
            ("**open only", "**open only"),
            ("**outer *inner* outer**", "outer inner outer"),
        ] {
            assert_eq!(strip(text), wanted, "{text}");
        }
    }
}
