//! Cross entropy over rows of logits, and its gradient in their place.

use super::kernel::{Kernel, exp, largest, run, sum};
use rayon::prelude::*;

/// Rows of one job: a row is a whole vocabulary.
const JOB_ROWS: usize = 16;

/// Makes losses of logits and, where `share` is told, the gradient of `share` times their sum in place of the logits.
pub(crate) fn entropy(logits: &mut [f32], right: &[u32], share: Option<f32>, losses: &mut [f32]) {
    if right.is_empty() {
        return;
    }
    let vocabulary = logits.len() / right.len();
    let jobs = logits
        .par_chunks_mut(JOB_ROWS * vocabulary)
        .zip(right.par_chunks(JOB_ROWS))
        .zip(losses.par_chunks_mut(JOB_ROWS));
    jobs.for_each(|((logits, right), losses)| {
        run(Entropy {
            logits,
            vocabulary,
            right,
            share,
            losses,
        });
    });
}

struct Entropy<'a> {
    logits: &'a mut [f32],
    vocabulary: usize,
    right: &'a [u32],
    share: Option<f32>,
    losses: &'a mut [f32],
}

impl Kernel for Entropy<'_> {
    type Output = ();

    #[inline(always)]
    fn compute(self) {
        let rows = self.logits.chunks_exact_mut(self.vocabulary);
        for ((row, &right), loss) in rows.zip(self.right).zip(self.losses) {
            let right = right as usize;
            let most = largest(row);
            let of_right = row[right];
            for logit in row.iter_mut() {
                *logit = exp(*logit - most);
            }
            let total = sum([row], |total, [share]| total + share);
            *loss = total.ln() + most - of_right;
            if let Some(share) = self.share {
                let factor = share / total;
                for value in row.iter_mut() {
                    *value *= factor;
                }
                row[right] -= share;
            }
        }
    }
}
