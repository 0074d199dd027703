//! Questions about a sentence of which nothing else is known: by its telling words, and by its form (`forms`).

use std::collections::BTreeSet;

use super::forms::by_form;
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
    "without", "would", "should", "worth", "ago", "went", "gets", "gave", "said", "says", "such", "like",
    "over", "under", "out", "off", "between", "why", "who", "whose", "you", "your", "lets", "already",
    "still", "just", "very", "much", "many", "least", "yet", "even", "well", "gives", "makes", "takes",
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
    // What a person wrote down is better than what is made of words.
    let written = pools
        .asked
        .iter()
        .find(|(begins, _)| sentence.starts_with(begins.as_str()));
    if let Some((_, asks)) = written {
        return asks.clone();
    }
    let mut questions: Vec<String> = Vec::new();
    let forms = by_form(sentence, &pools.lists);
    // What a thing is, one sentence says, however often it is named.
    let alone = |question: &String| question.starts_with("What is ") || is_alone(question, others);
    questions.extend(forms.into_iter().filter(alone));
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
    let one = match word.strip_suffix('s') {
        Some(rest) if rest.ends_with("ie") => rest.strip_suffix("ie").map(|it| it.to_owned() + "y"),
        Some(rest) if rest.ends_with(['s', 'u', 'i']) => None,
        Some(rest) if ["se", "xe", "che", "she"].iter().any(|end| rest.ends_with(end)) => None,
        Some(rest) => Some(rest.to_owned()),
        None => None,
    };
    one.unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_written_as_another_person_would() {
        for (word, ways) in [
            ("Agents", &["agents", "agent"][..]),
            ("carries", &["carries", "carry"]),
            ("crashes", &["crashes"]),
            ("status", &["status"]),
            ("HTTP", &["HTTP"]),
        ] {
            for index in 0..20 {
                let said = reformed(word, &mut Draw::new(1, word, index));
                assert!(ways.contains(&said.as_str()), "{said}");
            }
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
