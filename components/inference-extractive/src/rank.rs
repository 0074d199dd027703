//! Which sentences answer a question: BM25 over the sentences of the passages, with diversity.

use crate::sentences::Sentence;
use crate::words;
use std::collections::{HashMap, HashSet};

/// Sentences chosen at most.
const CHOSEN_MAX: usize = 4;
/// BM25's saturation of repeated terms.
const K1: f64 = 1.2;
/// BM25's weight of length.
const B: f64 = 0.6;
/// What a term in a heading counts, against one in the sentence.
const CONTEXT_WEIGHT: f64 = 0.4;
/// How much less each passage counts than the one retrieved before it.
const RANK_DECAY: f64 = 0.12;
/// Share of the best score that a further sentence must reach.
const SHARE_MIN: f64 = 0.45;
/// Share of the best sentence's coverage of the question that a further sentence must reach.
const COVERAGE_SHARE_MIN: f64 = 0.5;
/// Share of the question's weight that the best sentence must cover, else nothing is relevant.
const COVERAGE_MIN: f64 = 0.3;
/// Share of terms in common above which two sentences say the same.
const SAME_MIN: f64 = 0.6;

/// A sentence and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// Index of its passage, best retrieved first.
    pub(crate) passage: usize,
    /// Its place in the passage.
    pub(crate) place: usize,
    /// The sentence.
    pub(crate) sentence: Sentence,
}

struct Scored {
    index: usize,
    score: f64,
    coverage: f64,
}

/// The candidates that answer `question`: by passage, and inside a passage in its order. None when nothing is
/// relevant.
pub(crate) fn choose(question: &str, candidates: &[Candidate]) -> Vec<usize> {
    let query: HashSet<String> = words::terms(question).into_iter().collect();
    let terms: Vec<Vec<String>> = candidates
        .iter()
        .map(|it| words::terms(&it.sentence.text))
        .collect();
    let mut scored = score(&query, candidates, &terms);
    scored.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.index.cmp(&b.index)));
    let Some(best) = scored.first().filter(|best| best.coverage >= COVERAGE_MIN) else {
        return Vec::new();
    };
    let further = scored
        .iter()
        .take_while(|it| it.score >= best.score * SHARE_MIN)
        .filter(|it| it.coverage >= best.coverage * COVERAGE_SHARE_MIN);
    let mut chosen: Vec<usize> = Vec::new();
    for it in further {
        if chosen.len() == CHOSEN_MAX {
            break;
        }
        if chosen
            .iter()
            .all(|other| likeness(&query, &terms[*other], &terms[it.index]) < SAME_MIN)
        {
            chosen.push(it.index);
        }
    }
    chosen.sort_by_key(|index| (candidates[*index].passage, candidates[*index].place));
    chosen
}

fn score(query: &HashSet<String>, candidates: &[Candidate], terms: &[Vec<String>]) -> Vec<Scored> {
    let weights = weights(query, terms);
    let total: f64 = weights.values().sum();
    let length_mean = terms.iter().map(Vec::len).sum::<usize>().max(1) as f64 / terms.len().max(1) as f64;
    let mut scored = Vec::new();
    for (index, (candidate, terms)) in candidates.iter().zip(terms).enumerate() {
        let context: HashSet<String> = words::terms(&candidate.sentence.context).into_iter().collect();
        let length = 1.0 - B + B * terms.len() as f64 / length_mean;
        let (mut sum, mut covered) = (0.0, 0.0);
        for (term, weight) in &weights {
            let count = terms.iter().filter(|it| it == term).count() as f64;
            if count > 0.0 {
                sum += weight * count * (K1 + 1.0) / (count + K1 * length);
                covered += weight;
            } else if context.contains(*term) {
                sum += weight * CONTEXT_WEIGHT;
                covered += weight * CONTEXT_WEIGHT;
            }
        }
        if covered > 0.0 {
            let coverage = covered / total;
            let rank = 1.0 / (1.0 + RANK_DECAY * candidate.passage as f64);
            scored.push(Scored {
                index,
                score: sum * (0.5 + coverage) * rank,
                coverage,
            });
        }
    }
    scored
}

/// How much each term of the question tells: the rarer, the more.
fn weights<'a>(query: &'a HashSet<String>, terms: &[Vec<String>]) -> HashMap<&'a str, f64> {
    let count = terms.len() as f64;
    query
        .iter()
        .map(|term| {
            let holding = terms.iter().filter(|it| it.contains(term)).count() as f64;
            (
                term.as_str(),
                (1.0 + (count - holding + 0.5) / (holding + 0.5)).ln(),
            )
        })
        .collect()
}

/// Share of what one sentence adds to the question that another adds as well.
fn likeness(query: &HashSet<String>, a: &[String], b: &[String]) -> f64 {
    let added = |terms: &[String]| -> HashSet<String> {
        terms.iter().filter(|it| !query.contains(*it)).cloned().collect()
    };
    let (a, b) = (added(a), added(b));
    match a.len().min(b.len()) {
        0 => 1.0,
        smaller => a.intersection(&b).count() as f64 / smaller as f64,
    }
}

#[cfg(test)]
#[path = "rank_tests.rs"]
mod tests;
