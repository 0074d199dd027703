//! SPDX licence expressions: `MIT OR (Apache-2.0 WITH LLVM-exception AND Unicode-3.0)`.

use std::collections::BTreeSet;

/// Whether the allowed licences satisfy an expression. A malformed expression is not permitted.
pub(super) fn permitted(expression: &str, allowed: &BTreeSet<String>) -> bool {
    // Old manifests write `MIT/Apache-2.0` for a choice.
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let mut parser = Parser {
        words: spaced.split_whitespace().peekable(),
        allowed,
    };
    let outcome = parser.any();
    parser.words.next().is_none() && outcome == Some(true)
}

struct Parser<'text, Words: Iterator<Item = &'text str>> {
    words: std::iter::Peekable<Words>,
    allowed: &'text BTreeSet<String>,
}

impl<'text, Words: Iterator<Item = &'text str>> Parser<'text, Words> {
    fn any(&mut self) -> Option<bool> {
        let mut outcome = self.all()?;
        while self.words.next_if_eq(&"OR").is_some() {
            outcome |= self.all()?;
        }
        Some(outcome)
    }

    fn all(&mut self) -> Option<bool> {
        let mut outcome = self.one()?;
        while self.words.next_if_eq(&"AND").is_some() {
            outcome &= self.one()?;
        }
        Some(outcome)
    }

    fn one(&mut self) -> Option<bool> {
        match self.words.next()? {
            "(" => {
                let outcome = self.any()?;
                self.words.next_if_eq(&")").map(|_| outcome)
            }
            ")" | "OR" | "AND" | "WITH" => None,
            name if self.words.next_if_eq(&"WITH").is_some() => {
                let exception = self.words.next()?;
                Some(self.allowed.contains(&format!("{name} WITH {exception}")))
            }
            name => Some(self.allowed.contains(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::permitted;

    #[test]
    fn expressions() {
        let allowed = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"]
            .map(String::from)
            .into_iter()
            .collect();
        for (expression, expected) in [
            ("MIT", true),
            ("GPL-3.0-only", false),
            ("MIT OR GPL-3.0-only", true),
            ("MIT/GPL-3.0-only", true),
            ("MIT AND GPL-3.0-only", false),
            ("MIT AND ISC", true),
            ("Apache-2.0", false),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("(GPL-3.0-only OR ISC) AND MIT", true),
            ("GPL-3.0-only OR ISC AND MIT", true),
            ("(MIT", false),
            ("MIT OR", false),
            ("MIT ISC", false),
            ("", false),
        ] {
            assert_eq!(permitted(expression, &allowed), expected, "{expression}");
        }
    }
}
