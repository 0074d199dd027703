//! Templates: text with slots `{like this}` and parts in `[brackets]` that may be left out. Pure.

/// A piece of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Text as it is.
    Text(&'a str),
    /// A slot, by its name.
    Slot(&'a str),
}

/// The pieces of a template, in order. A brace that opens no slot is text: JSON may stand in a template.
pub(crate) fn pieces(template: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = template;
    let mut from = 0;
    while let Some(open) = rest[from..].find('{').map(|at| from + at) {
        let slot = rest[open + 1..]
            .find('}')
            .map(|end| &rest[open + 1..open + 1 + end]);
        match slot.filter(|slot| is_slot(slot)) {
            Some(slot) => {
                if open > 0 {
                    pieces.push(Piece::Text(&rest[..open]));
                }
                pieces.push(Piece::Slot(slot));
                rest = &rest[open + slot.len() + 2..];
                from = 0;
            }
            None => from = open + 1,
        }
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

fn is_slot(slot: &str) -> bool {
    slot.starts_with(|c: char| c.is_ascii_alphabetic())
        && slot
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || " _.,:-".contains(c))
}

/// Names of a template's slots, in order.
pub(crate) fn slots(template: &str) -> Vec<&str> {
    let name = |piece| match piece {
        Piece::Slot(name) => Some(name),
        Piece::Text(_) => None,
    };
    pieces(template).into_iter().filter_map(name).collect()
}

/// Fills every slot.
pub(crate) fn fill(template: &str, of: &mut dyn FnMut(&str) -> String) -> String {
    pieces(template)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.to_owned(),
            Piece::Slot(name) => of(name),
        })
        .collect()
}

/// Fills the only slot that a template of this kind has.
pub(crate) fn fill_one(template: &str, with: &str) -> String {
    fill(template, &mut |_| with.to_owned())
}

/// A template's parts: the text, and whether it may be left out.
pub(crate) fn parts(template: &str) -> Vec<(&str, bool)> {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some(open) = rest.find('[') {
        let Some(close) = rest[open..].find(']').map(|at| open + at) else {
            break;
        };
        parts.push((&rest[..open], false));
        parts.push((&rest[open + 1..close], true));
        rest = &rest[close + 1..];
    }
    parts.push((rest, false));
    parts.retain(|(text, _)| !text.is_empty());
    parts
}

/// With a capital first.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + chars.as_str()
    })
}

/// With a small letter first, unless its first word is one that keeps its capital.
pub(crate) fn small(text: &str) -> String {
    let first: &str = text.split([' ', ',', '\'']).next().unwrap_or_default();
    let keeps = first == "I" || first.chars().skip(1).any(|c| !c.is_lowercase());
    let mut chars = text.chars();
    match chars.next() {
        Some(letter) if !keeps => letter.to_lowercase().collect::<String>() + chars.as_str(),
        _ => text.to_owned(),
    }
}

/// `a` before a vowel becomes `an`.
pub(crate) fn with_articles(text: &str) -> String {
    let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
    for at in 1..words.len() {
        let vowel = words[at].starts_with(['a', 'e', 'i', 'o', 'u']);
        if vowel && words[at - 1].eq_ignore_ascii_case("a") {
            words[at - 1].push('n');
        }
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_letter_of_a_template_is_lost(template in "[a-z{}\\[\\] :.\"]{0,40}") {
            let again: String = pieces(&template)
                .into_iter()
                .map(|piece| match piece {
                    Piece::Text(text) => text.to_owned(),
                    Piece::Slot(name) => format!("{{{name}}}"),
                })
                .collect();
            prop_assert_eq!(&again, &template);
            let letters: usize = parts(&template).iter().map(|(text, optional)| text.len() + 2 * usize::from(*optional)).sum();
            prop_assert!(letters <= template.len());
        }
    }

    #[test]
    fn slots_are_told_from_braces() {
        assert_eq!(
            pieces(r#"{E} has {"a": {b}} {int 1..9}"#),
            [
                Piece::Slot("E"),
                Piece::Text(r#" has {"a": "#),
                Piece::Slot("b"),
                Piece::Text("} "),
                Piece::Slot("int 1..9"),
            ]
        );
        assert_eq!(slots("no slot {"), Vec::<&str>::new());
        assert_eq!(fill("{a}-{b}", &mut |name| name.repeat(2)), "aa-bb");
    }

    #[test]
    fn parts_in_brackets_may_be_left_out() {
        assert_eq!(
            parts("Pay {amount}[ to {whom}]."),
            [("Pay {amount}", false), (" to {whom}", true), (".", false)]
        );
    }

    #[test]
    fn articles_fit_their_nouns() {
        assert_eq!(
            with_articles("A order and a key, a {id}"),
            "An order and a key, a {id}"
        );
    }

    #[test]
    fn letters_change_where_they_may() {
        for (text, smaller) in [
            ("When", "when"),
            ("I am", "I am"),
            ("NASA is", "NASA is"),
            ("", ""),
        ] {
            assert_eq!(small(text), smaller);
        }
        assert_eq!(capital("the rest"), "The rest");
    }
}
