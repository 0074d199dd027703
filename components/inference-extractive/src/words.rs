//! Terms: the words of a text that carry meaning, in a form that ignores inflection.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Words that say nothing about a subject. Question words are among them.
const STOP_WORDS: &str = "a about above after again all also am an and any are as at be because been before being \
    below between both but by can could did do does doing done down during each else few for from further get gets \
    give given go goes had has have having he her here hers him his how i if in into is it its itself just let like \
    made make makes many may me might more most much must my no nor not of off on once only or other our out over \
    own per please same say says shall she should so some such tell than that the their them then there these they \
    this those through to too under until up upon us use used uses using very was way we were what when where which \
    while who whom whose why will with within without would you your explain describe mean means work works";

static STOPS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| STOP_WORDS.split_whitespace().collect());

/// The terms of a text, in order, with repetitions.
pub(crate) fn terms(text: &str) -> Vec<String> {
    split(text)
        .filter(|word| !STOPS.contains(word.as_str()))
        .map(|word| stem(&word))
        .collect()
}

/// How many words a text has, for usage.
pub(crate) fn count(text: &str) -> u32 {
    u32::try_from(text.split_whitespace().count()).unwrap_or(u32::MAX)
}

/// Lower-case words. A character of a script without spaces is a word of its own.
fn split(text: &str) -> impl Iterator<Item = String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for character in text.chars() {
        if is_word_by_itself(character) {
            words.extend(take(&mut word));
            words.push(character.to_string());
        } else if character.is_alphanumeric() {
            word.extend(character.to_lowercase());
        } else if !matches!(character, '\'' | '’') {
            words.extend(take(&mut word));
        }
    }
    words.extend(take(&mut word));
    words.into_iter()
}

fn take(word: &mut String) -> Option<String> {
    (!word.is_empty()).then(|| std::mem::take(word))
}

fn is_word_by_itself(character: char) -> bool {
    matches!(character, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}

/// Endings of English words, longest first where one ends another.
const ENDINGS: [&str; 16] = [
    "ization", "isation", "ations", "ation", "ators", "ator", "ments", "ment", "ions", "ings", "ion", "ing",
    "ers", "ed", "er", "ly",
];

/// A light stem: two forms of a word mostly meet, two words mostly do not.
fn stem(word: &str) -> String {
    if word.len() <= 3 || !word.is_ascii() {
        return word.to_owned();
    }
    let singular = singular(word);
    let root = ENDINGS
        .iter()
        .find_map(|ending| singular.strip_suffix(ending).filter(|root| is_root(root, ending)))
        .unwrap_or(&singular);
    let root = root
        .strip_suffix('e')
        .filter(|root| root.len() >= 3)
        .unwrap_or(root);
    let root = root
        .strip_suffix("at")
        .filter(|root| root.len() >= 4)
        .unwrap_or(root);
    let root = root
        .strip_suffix("iz")
        .or(root.strip_suffix("is"))
        .filter(|root| root.len() >= 4)
        .unwrap_or(root);
    undouble(root)
}

fn singular(word: &str) -> String {
    if let Some(root) = word.strip_suffix("ies").filter(|root| root.len() >= 2) {
        return format!("{root}y");
    }
    for hissing in ["sses", "ches", "shes", "xes"] {
        if word.ends_with(hissing) {
            return word[..word.len() - 2].to_owned();
        }
    }
    match word.strip_suffix('s') {
        Some(root) if root.len() >= 3 && !root.ends_with(['s', 'u', 'i']) => root.to_owned(),
        _ => word.to_owned(),
    }
}

/// Whether what is left of a word without its ending can be a root: `embed` is not a form of `emb`.
fn is_root(root: &str, ending: &str) -> bool {
    let length_min = if ending.len() == 2 { 4 } else { 3 };
    root.len() >= length_min && root.contains(['a', 'e', 'i', 'o', 'u', 'y'])
}

/// `stopp` is `stop`, but `call` stays.
fn undouble(word: &str) -> String {
    let bytes = word.as_bytes();
    match bytes {
        [.., a, b] if a == b && bytes.len() > 3 && !matches!(b, b'l' | b's' | b'z') => {
            word[..word.len() - 1].to_owned()
        }
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_meet() {
        for forms in [
            &["isolate", "isolates", "isolated", "isolating", "isolation"][..],
            &["agent", "agents", "agent's"],
            &["query", "queries"],
            &["stop", "stops", "stopped", "stopping"],
            &["compose", "composes", "composed", "composing"],
            &["grant", "grants", "granted", "granting"],
            &["batch", "batches", "batched", "batching"],
            &["call", "calls", "called", "calling"],
            &["cancel", "cancels"],
            &["service", "services"],
            &["embed", "embedding", "embeddings", "embedded"],
        ] {
            let stems: HashSet<_> = forms.iter().flat_map(|form| terms(form)).collect();
            assert_eq!(stems.len(), 1, "{forms:?}: {stems:?}");
        }
    }

    #[test]
    fn different_words_stay_apart() {
        let words = [
            "agent", "gateway", "router", "model", "memory", "store", "storage", "token", "tool", "process",
        ];
        let stems: HashSet<_> = words.iter().flat_map(|word| terms(word)).collect();
        assert_eq!(stems.len(), words.len(), "{stems:?}");
    }

    #[test]
    fn questions_leave_their_subject() {
        assert_eq!(terms("How does Gyre isolate an agent?"), ["gyr", "isol", "agent"]);
        assert_eq!(terms("what is it?"), Vec::<String>::new());
    }

    #[test]
    fn scripts_without_spaces_give_a_term_a_character() {
        assert_eq!(terms("沙箱 x"), ["沙", "箱", "x"]);
    }
}
