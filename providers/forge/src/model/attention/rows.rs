//! The loops over rows of scores.

use crate::model::kernel::{Kernel, dot, exp, largest, sum};

/// Makes shares of scores, row by row: the first row sees `seen_first` columns, each next one more.
pub(super) struct Softmax<'a> {
    pub(super) scores: &'a mut [f32],
    pub(super) columns: usize,
    pub(super) seen_first: usize,
    pub(super) scale: f32,
    pub(super) log_sums: &'a mut [f32],
    pub(super) heads: usize,
    pub(super) head: usize,
}

impl Kernel for Softmax<'_> {
    type Output = ();

    #[inline(always)]
    fn compute(self) {
        let rows = self.scores.chunks_exact_mut(self.columns);
        let rows = rows.zip(self.log_sums.chunks_exact_mut(self.heads));
        for (at, (row, log_sums)) in rows.enumerate() {
            let (seen, hidden) = row.split_at_mut(self.seen_first + at);
            let most = largest(seen) * self.scale;
            for score in seen.iter_mut() {
                *score = exp(score.mul_add(self.scale, -most));
            }
            let total = sum([seen], |total, [share]| total + share);
            let divisor = 1.0 / total;
            for share in seen.iter_mut() {
                *share *= divisor;
            }
            hidden.fill(0.0);
            log_sums[self.head] = most + total.ln();
        }
    }
}

/// Makes the same shares again, of scores and of what [`Softmax`] kept.
pub(super) struct Again<'a> {
    pub(super) scores: &'a mut [f32],
    pub(super) columns: usize,
    pub(super) seen_first: usize,
    pub(super) scale: f32,
    pub(super) log_sums: &'a [f32],
    pub(super) heads: usize,
    pub(super) head: usize,
}

impl Kernel for Again<'_> {
    type Output = ();

    #[inline(always)]
    fn compute(self) {
        let rows = self.scores.chunks_exact_mut(self.columns);
        let rows = rows.zip(self.log_sums.chunks_exact(self.heads));
        for (at, (row, log_sums)) in rows.enumerate() {
            let (seen, hidden) = row.split_at_mut(self.seen_first + at);
            let log_sum = log_sums[self.head];
            for score in seen {
                *score = exp(score.mul_add(self.scale, -log_sum));
            }
            hidden.fill(0.0);
        }
    }
}

/// Makes gradients of scores of those of shares: `scores` holds the shares' and then the scores'.
pub(super) struct Unshare<'a> {
    pub(super) shares: &'a [f32],
    pub(super) scores: &'a mut [f32],
    pub(super) columns: usize,
    pub(super) scale: f32,
    /// What the rows saw, and the gradients of that: a head's numbers of each row.
    pub(super) made: (&'a [f32], &'a [f32]),
    pub(super) width: usize,
    pub(super) head: std::ops::Range<usize>,
}

impl Kernel for Unshare<'_> {
    type Output = ();

    #[inline(always)]
    fn compute(self) {
        let rows = self.scores.chunks_exact_mut(self.columns);
        let rows = rows.zip(self.shares.chunks_exact(self.columns));
        let made = self.made.0.chunks_exact(self.width);
        let made = made.zip(self.made.1.chunks_exact(self.width));
        for ((row, shares), (made, d_made)) in rows.zip(made) {
            let along = dot(&made[self.head.clone()], &d_made[self.head.clone()]);
            for (score, &share) in row.iter_mut().zip(shares) {
                *score = share * (*score - along) * self.scale;
            }
        }
    }
}
