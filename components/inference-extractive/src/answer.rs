//! The answer: quotes with citations, or that there is nothing to quote.

use crate::conversation::{Passage, Task};
use crate::rank::{self, Candidate};
use crate::sentences;

const NO_PASSAGES: &str = "I answer by quoting passages, and none were given to me. Add documents (`gyre ingest <folder>`) and ask again.";
const NOTHING_RELEVANT: &str = "The passages I was given hold no answer to this question.";

/// The pieces of an answer, in order: each a whole sentence.
pub(crate) fn write(task: &Task) -> Vec<String> {
    let passages = task.passages.as_deref().unwrap_or_default();
    if passages.is_empty() {
        return vec![NO_PASSAGES.to_owned()];
    }
    let candidates = candidates(passages);
    let chosen = rank::choose(&task.question, &candidates);
    if chosen.is_empty() {
        return vec![NOTHING_RELEVANT.to_owned()];
    }
    let quote = |(place, index): (usize, &usize)| {
        let Candidate {
            passage, sentence, ..
        } = &candidates[*index];
        let gap = if place == 0 { "" } else { "\n\n" };
        format!("{gap}“{}” [{}]", sentence.text, passage + 1)
    };
    chosen.iter().enumerate().map(quote).collect()
}

fn candidates(passages: &[Passage]) -> Vec<Candidate> {
    let of = |(passage, it): (usize, &Passage)| {
        let sentences = sentences::split(&it.text).into_iter().enumerate();
        sentences
            .map(move |(place, sentence)| Candidate {
                passage,
                place,
                sentence,
            })
            .collect::<Vec<_>>()
    };
    passages.iter().enumerate().flat_map(of).collect()
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
