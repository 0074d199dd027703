//! Questions about a sentence of which nothing else is known: by its telling words, and by its form where that is plain.

use std::collections::BTreeSet;

use crate::data::fill::{fill_one, small};
use crate::data::pools::Pools;
use crate::data::random::Draw;

/// The telling words of a text, shortened to what their forms share.
pub(super) type Stems = BTreeSet<String>;

/// Letters by which words are the same.
const STEM_CHARS: usize = 5;
/// Words that tell nothing.
const IDLE: &[&str] = &[
    "about", "after", "again", "all", "also", "and", "another", "any", "are", "because", "been", "before",
    "being", "both", "but", "can", "cannot", "could", "did", "does", "each", "either", "else", "ever",
    "every", "for", "from", "had", "has", "have", "her", "here", "his", "how", "into", "its", "itself",
    "may", "more", "most", "must", "neither", "never", "none", "not", "nothing", "one", "only", "other",
    "own", "same", "see", "since", "than", "that", "the", "their", "them", "then", "there", "these", "they",
    "this", "those", "too", "until", "was", "were", "what", "when", "where", "which", "while", "with",
    "without",
];
/// How a sentence begins that leans on another.
const LEANING: &[&str] = &[
    "It ", "Its ", "They ", "This ", "These ", "That ", "Those ", "He ", "She ", "Then ", "There ", "So ",
];

fn words(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '_')
        .filter(|word| word.chars().count() > 2 || word.chars().any(|c| c.is_ascii_digit()))
        .filter(|word| !IDLE.contains(&word.to_lowercase().as_str()))
        .collect()
}

/// The stems of a text.
pub(super) fn stems(text: &str) -> Stems {
    words(text).into_iter().map(stem).collect()
}

fn stem(word: &str) -> String {
    word.to_lowercase().chars().take(STEM_CHARS).collect()
}

/// Questions that this sentence answers and none of the others, which hold it as well.
pub(super) fn questions(sentence: &str, others: &[Stems], draw: &mut Draw, pools: &Pools) -> Vec<String> {
    let mut questions: Vec<String> = Vec::new();
    questions.extend(by_form(sentence).filter(|question| is_alone(question, others)));
    for _ in 0..2 {
        if let Some(words) = telling(sentence, draw) {
            let frame = draw.pick(&pools.frames.keywords).clone();
            let question = fill_one(&frame, &words);
            if is_alone(&words, others) && !questions.contains(&question) {
                questions.push(question);
            }
        }
    }
    questions
}

/// Whether one sentence at most has all these words.
fn is_alone(words: &str, others: &[Stems]) -> bool {
    let asked = stems(words);
    let most = asked.len().div_ceil(2).max(1);
    let holds = |other: &&Stems| asked.intersection(other).count() > most.min(asked.len() - 1);
    asked.len() > 1 && others.iter().filter(holds).count() <= 1
}

/// Two to four of its words, in their order, some in another form.
pub(crate) fn telling(sentence: &str, draw: &mut Draw) -> Option<String> {
    let mut said = Stems::new();
    let mut words = words(sentence);
    words.retain(|word| said.insert(stem(word)));
    if words.len() < 3 {
        return None;
    }
    let count = draw.count(2, 4).min(words.len() - 1);
    let indices: Vec<usize> = (0..words.len()).collect();
    let mut chosen: Vec<usize> = draw.some(&indices, count).into_iter().copied().collect();
    chosen.sort_unstable();
    let said: Vec<String> = chosen.into_iter().map(|at| reformed(words[at], draw)).collect();
    Some(said.join(" "))
}

/// A word as another person would write it.
fn reformed(word: &str, draw: &mut Draw) -> String {
    let word = small(word);
    let plain = word.len() > 4 && word.chars().all(|c| c.is_ascii_lowercase());
    if !plain || draw.chance(60) {
        return word;
    }
    match word.strip_suffix('s') {
        Some(one) if !one.ends_with(['s', 'u', 'i']) => one.to_owned(),
        Some(_) => word,
        None if word.ends_with("ed")
            || word.ends_with("ing")
            || word.ends_with("ly")
            || word.ends_with('y') =>
        {
            word
        }
        None => word + "s",
    }
}

/// A question for sentences of a plain form.
fn by_form(sentence: &str) -> impl Iterator<Item = String> {
    what_is(sentence)
        .into_iter()
        .chain(what_happens(sentence))
        .chain(how_to(sentence))
}

/// `A leaf is a …` tells what a leaf is.
fn what_is(sentence: &str) -> Option<String> {
    if LEANING.iter().any(|start| sentence.starts_with(start)) {
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
            ("The gateway checks sizes.", None),
        ] {
            assert_eq!(by_form(sentence).next().as_deref(), question, "{sentence}");
        }
    }

    #[test]
    fn a_question_belongs_to_one_sentence() {
        let others = [
            stems("The gateway checks the size of bodies."),
            stems("The router counts bodies."),
        ];
        assert!(is_alone("gateway size", &others));
        assert!(!is_alone("bodies", &others));
    }
}
