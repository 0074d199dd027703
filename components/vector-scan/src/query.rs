//! From what a person asks to what FTS5 matches.

/// Words of a query that are used.
const WORDS_MAX: usize = 64;
/// Characters of a word that is used.
const WORD_CHARS_MAX: usize = 64;

/// English words that say nothing of what a passage is about.
const STOP_WORDS: &[&str] = &[
    "a", "about", "an", "and", "any", "are", "as", "at", "be", "been", "but", "by", "can", "could", "did",
    "do", "does", "for", "from", "had", "has", "have", "how", "i", "if", "in", "into", "is", "it", "its",
    "me", "my", "no", "not", "of", "on", "or", "our", "shall", "should", "so", "such", "than", "that", "the",
    "their", "them", "then", "there", "these", "they", "this", "those", "to", "us", "was", "we", "were",
    "what", "when", "where", "which", "who", "why", "will", "with", "would", "you", "your",
];

/// An FTS5 expression that matches any of the words; none when there are no words.
///
/// Every word is quoted and holds letters and digits only, so a query has no operators.
#[must_use]
pub fn match_expression(text: &str) -> Option<String> {
    let all = words(text);
    let telling: Vec<&String> = all.iter().filter(|w| !STOP_WORDS.contains(&w.as_str())).collect();
    // "Who are they?" has only stop words; then they must do.
    let used = if telling.is_empty() {
        all.iter().collect()
    } else {
        telling
    };
    let quoted: Vec<String> = used.iter().take(WORDS_MAX).map(|w| format!("\"{w}\"")).collect();
    (!quoted.is_empty()).then(|| quoted.join(" OR "))
}

fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
    {
        let word: String = word.to_lowercase().chars().take(WORD_CHARS_MAX).collect();
        // Lower case of a letter may hold marks that are no letters; FTS5 would see two words.
        if !words.contains(&word) {
            words.push(word);
        }
        if words.len() == 2 * WORDS_MAX {
            break;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn queries_become_quoted_words() {
        for (given, expected) in [
            (
                "How does Gyre isolate an agent?",
                Some(r#""gyre" OR "isolate" OR "agent""#),
            ),
            ("gyre GYRE Gyre", Some(r#""gyre""#)),
            ("who are they", Some(r#""who" OR "are" OR "they""#)),
            (
                r#"a" OR NEAR(x*) AND NOT text:y"#,
                Some(r#""near" OR "x" OR "text" OR "y""#),
            ),
            ("Größe naïve", Some(r#""größe" OR "naïve""#)),
            ("?!… ", None),
            ("", None),
        ] {
            assert_eq!(match_expression(given).as_deref(), expected, "{given}");
        }
    }

    proptest! {
        #[test]
        fn no_query_escapes_its_quotes(text in ".{0,200}") {
            if let Some(expression) = match_expression(&text) {
                for part in expression.split(" OR ") {
                    let inner = part.strip_prefix('"').and_then(|p| p.strip_suffix('"'));
                    prop_assert!(inner.is_some_and(|w| !w.is_empty() && !w.contains('"')), "{}", expression);
                }
            }
        }
    }
}
