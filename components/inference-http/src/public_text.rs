//! What a server says, made fit for an answer of ours: no secret, no control characters, not long. Pure.

const CHARS_MAX: usize = 300;
const HIDDEN: &str = "[key]";

/// The text without the secret, on one line, of at most 300 characters.
pub(crate) fn public(text: &str, secret: &str) -> String {
    let hidden = if secret.is_empty() {
        text.to_owned()
    } else {
        text.replace(secret, HIDDEN)
    };
    let mut line = String::new();
    for (count, character) in hidden.chars().enumerate() {
        if count == CHARS_MAX {
            line.push('…');
            break;
        }
        line.push(if character.is_control() { ' ' } else { character });
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts() {
        assert_eq!(public("a\nb\u{1b}[1m", ""), "a b [1m");
        assert_eq!(
            public("your key sk-1 is wrong", "sk-1"),
            "your key [key] is wrong"
        );
        assert_eq!(public(&"x".repeat(301), "").chars().count(), 301);
    }

    proptest! {
        #[test]
        fn a_secret_is_never_shown(before in ".{0,400}", after in ".{0,40}") {
            let text = public(&format!("{before}sk-secret-7{after}"), "sk-secret-7");
            prop_assert!(!text.contains("sk-secret-7"));
            prop_assert!(text.chars().count() <= 301 && !text.contains(char::is_control));
        }
    }
}
