//! Which agent a question is for: the nearest example of an intent, by the cosine of their embeddings.

use gyre_routing_config::Intent;

/// An agent, and how near its nearest example is.
#[derive(Debug, Clone, PartialEq)]
pub struct Meant<'a> {
    /// The agent's name.
    pub agent: &'a str,
    /// The cosine, -1 to 1.
    pub similarity: f64,
}

/// The agent that a question is for; nothing where no example is near enough. `examples` holds the embeddings of all
/// examples of all intents, in the order of the configuration; one that is missing or of another length is far from
/// everything.
#[must_use]
pub fn meant<'a>(intents: &'a [Intent], examples: &[Vec<f32>], question: &[f32]) -> Option<Meant<'a>> {
    let mut embeddings = examples.iter();
    let mut best: Option<Meant<'a>> = None;
    for intent in intents {
        for _ in &intent.examples {
            let similarity = embeddings.next().and_then(|it| cosine(it, question));
            let Some(similarity) = similarity.filter(|it| *it >= intent.similarity_min) else {
                continue;
            };
            if best.as_ref().is_none_or(|best| similarity > best.similarity) {
                best = Some(Meant {
                    agent: &intent.agent,
                    similarity,
                });
            }
        }
    }
    best
}

fn cosine(left: &[f32], right: &[f32]) -> Option<f64> {
    if left.len() != right.len() {
        return None;
    }
    let pairs = left
        .iter()
        .zip(right)
        .map(|(a, b)| (f64::from(*a), f64::from(*b)));
    let (mut dot, mut one, mut other) = (0.0, 0.0, 0.0);
    for (a, b) in pairs {
        dot += a * b;
        one += a * a;
        other += b * b;
    }
    let cosine = dot / (one.sqrt() * other.sqrt());
    cosine.is_finite().then_some(cosine)
}
