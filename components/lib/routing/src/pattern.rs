//! Names with wildcards, as `LiteLLM`'s `PatternMatchRouter` matches them: each `*` takes as much as it can, and what
//! follows the pattern is ignored.

/// Characters that Python's `re.escape` puts a backslash before.
const ESCAPED: &str = "()[]{}?+-|^$\\.&~# \t\n\r\u{b}\u{c}";
/// Characters that count as complexity.
const COMPLEX: &str = "*+?\\^$|()";

/// What the wildcards took, one text each; nothing where the name does not match.
#[must_use]
pub(crate) fn matched(pattern: &str, name: &str) -> Option<Vec<String>> {
    let mut parts = pattern.split('*');
    let start = parts.next().unwrap_or_default();
    let rest = name.strip_prefix(start)?;
    // A dot of a regular expression takes no line end.
    let rest = rest.split('\n').next().unwrap_or_default();
    let literals: Vec<&str> = parts.collect();
    // From the right, each part as late as it can be: so every wildcard before it takes as much as it can.
    let mut end = rest.len();
    let mut places = vec![0; literals.len()];
    for (at, literal) in literals.iter().enumerate().rev() {
        let place = rest.get(..end)?.rfind(literal)?;
        places[at] = place;
        end = place;
    }
    let mut from = 0;
    let mut taken = Vec::with_capacity(literals.len());
    for (literal, place) in literals.iter().zip(places) {
        taken.push(rest.get(from..place)?.to_owned());
        from = place + literal.len();
    }
    Some(taken)
}

/// How telling a pattern is; the most telling one that matches is taken.
#[must_use]
pub(crate) fn specificity(pattern: &str) -> (usize, usize) {
    let mut length = 0;
    let mut complexity = 0;
    for sign in pattern.chars() {
        if sign == '*' {
            // It becomes `(.*)`.
            length += 4;
            complexity += 3;
        } else if ESCAPED.contains(sign) {
            length += 2;
            complexity += 1 + usize::from(COMPLEX.contains(sign));
        } else {
            length += 1;
        }
    }
    (length, complexity)
}

/// The upstream's name for a model that came by a pattern; `asked` is the name that was asked for.
#[must_use]
pub(crate) fn filled(upstream: &str, taken: &[String], asked: &str) -> String {
    let wildcards = upstream.matches('*').count();
    if wildcards == 0 {
        return upstream.to_owned();
    }
    if taken.len() > wildcards {
        return asked.to_owned();
    }
    let mut filled = upstream.to_owned();
    for text in taken {
        filled = filled.replacen('*', text, 1);
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (pattern, name, wanted) in [
            ("openai/*", "openai/gpt-4o", Some(vec!["gpt-4o"])),
            ("openai/*", "anthropic/x", None),
            ("*", "", Some(vec![""])),
            ("a*b*c", "a1b2b3c4", Some(vec!["1b2", "3"])),
            ("gpt-*-mini", "gpt-4-mini-2024", Some(vec!["4"])),
            ("x.y*", "xzy1", None),
            ("*é", "caféé", Some(vec!["café"])),
        ] {
            let taken = matched(pattern, name);
            let taken = taken
                .as_ref()
                .map(|it| it.iter().map(String::as_str).collect::<Vec<_>>());
            assert_eq!(taken, wanted, "{pattern} {name}");
        }
        assert!(specificity("openai/gpt-*") > specificity("openai/*"));
        assert_eq!(filled("openai/*", &["a".into(), "b".into()], "asked"), "asked");
        assert_eq!(filled("openai/*-*", &["a".into()], "asked"), "openai/a-*");
    }
}
