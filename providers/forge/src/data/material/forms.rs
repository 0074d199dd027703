//! Questions for sentences of a plain form, as people would ask them. Pure.

use std::collections::BTreeMap;

use crate::data::fill::small;

/// How a sentence begins that leans on another.
const LEANING: &[&str] = &[
    "It ", "Its ", "They ", "This ", "These ", "That ", "Those ", "He ", "She ", "Then ", "There ", "So ",
];

/// The list of verbs by which a sentence is known to tell what somebody does.
const VERBS: &str = "common verbs";
/// After a verb these tell something else than what is done.
const PREPOSITIONS: &[&str] = &[
    "in", "on", "at", "to", "by", "with", "from", "for", "as", "until", "through", "when", "into", "of",
    "are", "is", "were", "was", "have", "had", "and", "or", "that",
];
/// Words of a subject at most.
const SUBJECT_WORDS_MAX: usize = 4;

fn leans(sentence: &str) -> bool {
    LEANING.iter().any(|start| sentence.starts_with(start))
}

/// Every question that the form of a sentence gives.
pub(super) fn by_form(sentence: &str, lists: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let verbs = lists.get(VERBS).map_or(&[][..], Vec::as_slice);
    [
        what_is(sentence),
        what_does(sentence, verbs),
        why(sentence),
        what_happens(sentence),
        how_to(sentence),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// `The gateway checks …` tells what the gateway checks.
fn what_does(sentence: &str, verbs: &[String]) -> Option<String> {
    let words: Vec<&str> = sentence.split(' ').collect();
    let begins = ["The", "A", "An", "Every", "Each"].contains(words.first()?);
    if !begins || leans(sentence) {
        return None;
    }
    for at in 2..=SUBJECT_WORDS_MAX.min(words.len().saturating_sub(3)) {
        let base = verbs.iter().find_map(|verb| {
            let (base, third) = verb.split_once(' ')?;
            (third == words[at]).then_some(base)
        });
        let Some(base) = base else {
            continue;
        };
        let subject = words[..at].join(" ");
        let whole = !subject.contains([',', ':', '(', ';']) && !PREPOSITIONS.contains(&words[at + 1]);
        return whole.then(|| format!("What does {} {base}?", small(&subject)));
    }
    None
}

/// `… because …` tells why.
fn why(sentence: &str) -> Option<String> {
    let (clause, _) = sentence.split_once(" because ")?;
    let plain = !leans(sentence) && !clause.contains([',', ':', ';', '(']);
    (plain && (4..15).contains(&clause.split(' ').count()))
        .then(|| format!("Why is it that {}?", small(clause)))
}

/// `A leaf is a …` tells what a leaf is.
fn what_is(sentence: &str) -> Option<String> {
    if leans(sentence) {
        return None;
    }
    let (subject, _) = sentence.split_once(" is ")?;
    let short = subject.split(' ').count() <= 4 && !subject.contains([',', ':', '(']);
    let named = ["A ", "An ", "The "]
        .iter()
        .any(|article| subject.starts_with(article));
    (short && named).then(|| format!("What is {}?", small(subject)))
}

/// `When the queue is full, …` tells what happens then.
fn what_happens(sentence: &str) -> Option<String> {
    let start = ["When ", "If ", "Where ", "Without "]
        .iter()
        .find(|start| sentence.starts_with(*start))?;
    let (condition, rest) = sentence.split_once(", ")?;
    let whole = condition.split(' ').count() > 3 && rest.split(' ').count() > 3 && *start != "Where ";
    whole.then(|| format!("What happens {}?", small(condition)))
}

/// `To change it, …` tells how.
fn how_to(sentence: &str) -> Option<String> {
    let (goal, rest) = sentence.strip_prefix("To ")?.split_once([',', ':'])?;
    (rest.split(' ').count() > 2).then(|| format!("How do I {goal}?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_forms_are_asked_as_people_ask() {
        let verbs = vec!["check checks".to_owned(), "run runs".to_owned()];
        let lists = BTreeMap::from([(VERBS.to_owned(), verbs)]);
        for (sentence, question) in [
            ("A leaf is a component with one port.", Some("What is a leaf?")),
            ("It is a leaf.", None),
            (
                "When the queue is full, the worker refuses requests.",
                Some("What happens when the queue is full?"),
            ),
            (
                "To check everything that CI checks: `cargo xtask test`.",
                Some("How do I check everything that CI checks?"),
            ),
            (
                "The gateway checks the size of bodies.",
                Some("What does the gateway check?"),
            ),
            ("The worker runs in a process of its own.", None),
            ("Gateways check sizes.", None),
            (
                "A token is never logged because it is a secret.",
                Some("What is a token?"),
            ),
        ] {
            assert_eq!(
                by_form(sentence, &lists).first().map(String::as_str),
                question,
                "{sentence}"
            );
        }
    }
}
