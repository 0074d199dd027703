//! Spin's rules for names: words, each with a letter first and in one case, joined by one sign.

/// Whether it may be the id of a component, or a plain name of an import: `agent-researcher`.
pub(crate) fn is_kebab(text: &str) -> bool {
    text.split('-').all(is_word)
}

/// Whether it may be the label of a store or a database: `session-cache` or `session_cache`.
pub(crate) fn is_label(text: &str) -> bool {
    is_kebab(text) || is_snake(text)
}

/// Whether it may be the name of a variable: `chat_model`.
pub(crate) fn is_variable(text: &str) -> bool {
    is_snake(text) && !text.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// Whether a part of the name of a package or an interface is right. WIT lets later words begin with a digit.
pub(crate) fn is_wit(text: &str) -> bool {
    let word =
        |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    text.split('-').all(word) && text.starts_with(|c: char| c.is_ascii_lowercase())
}

fn is_snake(text: &str) -> bool {
    text.split('_').all(is_word)
}

fn is_word(word: &str) -> bool {
    let mut bytes = word.bytes();
    let Some(first) = bytes.next().filter(u8::is_ascii_alphabetic) else {
        return false;
    };
    bytes.all(|byte| {
        let same_case = byte.is_ascii_uppercase() == first.is_ascii_uppercase();
        byte.is_ascii_digit() || (byte.is_ascii_alphabetic() && same_case)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_spin_takes_them() {
        for (name, kebab, label, variable) in [
            ("api", true, true, true),
            ("agent-researcher", true, true, false),
            ("agent_researcher", false, true, true),
            ("a1-b2", true, true, false),
            ("API-v1", true, true, false),
            ("a-1", false, false, false),
            ("1a", false, false, false),
            ("Api", false, false, false),
            ("aPI", false, false, false),
            ("A_B", false, true, false),
            ("a--b", false, false, false),
            ("a-b_c", false, false, false),
            ("a_", false, false, false),
            ("", false, false, false),
            ("ä", false, false, false),
        ] {
            let found = (is_kebab(name), is_label(name), is_variable(name));
            assert_eq!(found, (kebab, label, variable), "{name}");
        }
        assert!(is_wit("http") && is_wit("p2-3d") && !is_wit("2d") && !is_wit("Http"));
    }
}
