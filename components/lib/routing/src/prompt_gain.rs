//! How much better a strong model would answer a prompt than a weak one: a ridge regression on the prompt's text, learned
//! from prompts of which both outcomes are known. A router that may ask the strong model for a share of its prompts asks
//! it for those with the largest gain.

use crate::prompt_features::{COUNTS, PLACES, Seen, seen};

/// Weight of a plain count beside the words, which have length 1 together.
const COUNT_WEIGHT: f64 = 0.05;
/// How far a count may lie from its mean, in deviations.
const DEVIATIONS_MAX: f64 = 4.0;
/// Texts that a word must be in.
const TEXTS_MIN: u32 = 2;
const STEPS_MAX: usize = 60;
/// The share of the first residual at which the solution is good enough.
const RESIDUAL: f64 = 1e-6;

/// A row of the regression: sparse words, then the counts.
type Row = Vec<(usize, f64)>;

/// Why nothing can be learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FitError {
    /// There are not as many gains as prompts, or there is none.
    #[error("{prompts} prompts and {gains} gains: hint: give one gain for each prompt, at least one")]
    Counts {
        /// Prompts.
        prompts: usize,
        /// Gains.
        gains: usize,
    },
    /// A number is none.
    #[error("a gain is no number, or the strength is not above 0")]
    Number,
}

/// What was learned.
#[derive(Debug, Clone, PartialEq)]
pub struct PromptGain {
    /// How telling each word is; 0 for words that were seen too rarely.
    telling: Vec<f64>,
    means: [f64; COUNTS],
    deviations: [f64; COUNTS],
    weights: Vec<f64>,
    usual: f64,
}

impl PromptGain {
    /// Learns from prompts and their gains. The stronger the regularisation, the less is learned by heart.
    pub fn fit(prompts: &[&str], gains: &[f64], strength: f64) -> Result<Self, FitError> {
        if prompts.is_empty() || prompts.len() != gains.len() {
            return Err(FitError::Counts {
                prompts: prompts.len(),
                gains: gains.len(),
            });
        }
        if gains.iter().any(|gain| !gain.is_finite()) || !(strength > 0.0 && strength.is_finite()) {
            return Err(FitError::Number);
        }
        let all: Vec<Seen> = prompts.iter().map(|prompt| seen(prompt)).collect();
        let mut model = Self::of(&all);
        let rows: Vec<Row> = all.iter().map(|seen| model.row(seen)).collect();
        model.usual = gains.iter().sum::<f64>() / real(gains.len());
        let targets: Vec<f64> = gains.iter().map(|gain| gain - model.usual).collect();
        model.weights = solved(&rows, &targets, strength);
        Ok(model)
    }

    /// The gain to expect of a prompt.
    #[must_use]
    pub fn predict(&self, prompt: &str) -> f64 {
        self.usual + product(&self.row(&seen(prompt)), &self.weights)
    }

    /// The scales of the features, without weights.
    fn of(all: &[Seen]) -> Self {
        let mut texts = vec![0_u32; PLACES];
        for (place, _) in all.iter().flat_map(|seen| &seen.places) {
            texts[*place] += 1;
        }
        let count = real(all.len());
        let telling = texts.into_iter().map(|texts| match texts {
            texts if texts < TEXTS_MIN => 0.0,
            texts => ((1.0 + count) / (1.0 + f64::from(texts))).ln() + 1.0,
        });
        let mut means = [0.0; COUNTS];
        let mut deviations = [0.0; COUNTS];
        for at in 0..COUNTS {
            let values = || all.iter().map(|seen| seen.counts[at]);
            means[at] = values().sum::<f64>() / count;
            let square = values().map(|it| (it - means[at]).powi(2)).sum::<f64>() / count;
            deviations[at] = square.sqrt();
        }
        Self {
            telling: telling.collect(),
            means,
            deviations,
            weights: vec![0.0; PLACES + COUNTS],
            usual: 0.0,
        }
    }

    fn row(&self, seen: &Seen) -> Row {
        let known = seen.places.iter().filter(|(place, _)| self.telling[*place] > 0.0);
        let mut row: Row = known
            .map(|(place, hits)| (*place, (1.0 + f64::from(*hits).ln()) * self.telling[*place]))
            .collect();
        let length = row.iter().map(|(_, value)| value * value).sum::<f64>().sqrt();
        for (_, value) in &mut row {
            *value /= length;
        }
        for at in 0..COUNTS {
            if self.deviations[at] > 0.0 {
                let away = (seen.counts[at] - self.means[at]) / self.deviations[at];
                let away = away.clamp(-DEVIATIONS_MAX, DEVIATIONS_MAX);
                row.push((PLACES + at, COUNT_WEIGHT * away));
            }
        }
        row
    }
}

fn product(row: &Row, weights: &[f64]) -> f64 {
    row.iter().map(|(place, value)| value * weights[*place]).sum()
}

/// Solves (XᵀX + strength) w = Xᵀ targets by conjugate gradients.
fn solved(rows: &[Row], targets: &[f64], strength: f64) -> Vec<f64> {
    let mut weights = vec![0.0; PLACES + COUNTS];
    let mut residual = transposed(rows, targets);
    let mut direction = residual.clone();
    let mut size = squared(&residual);
    let enough = size * RESIDUAL * RESIDUAL;
    for _ in 0..STEPS_MAX {
        if size <= enough || size <= 0.0 {
            break;
        }
        let along: Vec<f64> = rows.iter().map(|row| product(row, &direction)).collect();
        let mut image = transposed(rows, &along);
        for (image, direction) in image.iter_mut().zip(&direction) {
            *image += strength * direction;
        }
        let curve: f64 = image.iter().zip(&direction).map(|(image, it)| image * it).sum();
        let step = size / curve;
        for at in 0..weights.len() {
            weights[at] += step * direction[at];
            residual[at] -= step * image[at];
        }
        let next = squared(&residual);
        for (direction, residual) in direction.iter_mut().zip(&residual) {
            *direction = residual + next / size * *direction;
        }
        size = next;
    }
    weights
}

fn transposed(rows: &[Row], values: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0; PLACES + COUNTS];
    for (row, value) in rows.iter().zip(values) {
        for (place, number) in row {
            sums[*place] += number * value;
        }
    }
    sums
}

fn squared(values: &[f64]) -> f64 {
    values.iter().map(|it| it * it).sum()
}

fn real(number: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "rows that fit into memory")]
    let real = number as f64;
    real
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tells_them_apart_is_learned() {
        let prompts = ["prove the lemma", "say hello", "prove the theorem", "say goodbye"];
        let model = PromptGain::fit(&prompts, &[1.0, 0.0, 1.0, 0.0], 0.1).expect("a model");
        assert!(model.predict("prove the claim") > 0.6 && model.predict("say thanks") < 0.4);
        assert!(model.predict("").is_finite() && model.predict(&"é".repeat(100_000)).is_finite());
    }

    #[test]
    fn what_cannot_be_learned_is_refused() {
        for (prompts, gains, strength) in [
            (&[][..], &[][..], 1.0),
            (&["a"], &[], 1.0),
            (&["a"], &[f64::NAN], 1.0),
            (&["a"], &[1.0], 0.0),
            (&["a"], &[1.0], f64::NAN),
        ] {
            assert!(PromptGain::fit(prompts, gains, strength).is_err());
        }
        let alone = PromptGain::fit(&["a"], &[1.0], 1.0).expect("one is enough");
        assert!((alone.predict("b") - 1.0).abs() < 1e-9);
    }
}
