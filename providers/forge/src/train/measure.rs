//! What is measured of a run: the length of a gradient, the loss of the dev split.

use super::batches::passes;
use super::{Tokens, TrainError};
use crate::model::{Engine, Kernel, Weights, dot, run};
use rayon::prelude::*;

/// Numbers summed as one; sums of these are summed in order, so that the whole never depends on threads.
const JOB_NUMBERS: usize = 1 << 14;

/// The length of a vector.
pub(super) fn length(of: &[f32]) -> f64 {
    let squares: Vec<f32> = of
        .par_chunks(JOB_NUMBERS)
        .map(|part| run(Squares(part)))
        .collect();
    squares.into_iter().map(f64::from).sum::<f64>().sqrt()
}

struct Squares<'a>(&'a [f32]);

impl Kernel for Squares<'_> {
    type Output = f32;

    #[inline(always)]
    fn compute(self) -> f32 {
        dot(self.0, self.0)
    }
}

/// The conversations of a split that its loss is measured on.
pub(super) struct Dev<'a> {
    pub(super) tokens: &'a Tokens,
    pub(super) chosen: Vec<usize>,
    pub(super) pass_tokens: usize,
}

impl<'a> Dev<'a> {
    /// The first that fit the context, up to so many tokens; at least one, where one fits.
    pub(super) fn new(tokens: &'a Tokens, (context, pass_tokens): (usize, usize), tokens_max: usize) -> Self {
        let (mut chosen, mut read) = (Vec::new(), 0);
        for index in 0..tokens.conversations() {
            let length = tokens.length(index);
            let has_target = tokens.conversation(index).1.contains(&1);
            if length > context || !has_target {
                continue;
            }
            read += length;
            if read > tokens_max && !chosen.is_empty() {
                break;
            }
            chosen.push(index);
        }
        Self {
            tokens,
            chosen,
            pass_tokens,
        }
    }

    /// The mean loss of their targets; none where there are none.
    pub(super) fn loss(&self, engine: &mut dyn Engine, weights: &Weights) -> Result<Option<f64>, TrainError> {
        let (mut loss, mut targets) = (0.0, 0);
        for pass in passes(self.tokens, &self.chosen, self.pass_tokens) {
            loss += engine.loss(weights, &pass)?;
            targets += pass.predictions().len();
        }
        Ok((targets > 0).then(|| loss / targets as f64))
    }
}

#[cfg(test)]
mod tests {
    use super::length;

    #[test]
    fn a_length_is_the_root_of_the_squares() {
        let of: Vec<f32> = (0..100_000)
            .map(|at| if at % 2 == 0 { 3.0 } else { 4.0 })
            .collect();
        let right = (50_000.0_f64 * 25.0).sqrt();
        assert!((length(&of) - right).abs() < 1e-3 * right);
        assert_eq!(length(&[]), 0.0);
    }
}
