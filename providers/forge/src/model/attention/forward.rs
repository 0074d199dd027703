//! What each row sees of the rows before it.

use super::rows::Softmax;
use super::{BLOCK_ROWS, Heads};
use crate::model::kernel::run;
use crate::model::{View, ViewMut, Write};
use rayon::prelude::*;

/// Some rows of a conversation.
struct Job<'a> {
    /// Where the conversation starts.
    start: usize,
    /// The first of the rows.
    first: usize,
    rows: usize,
    made: &'a mut [f32],
    log_sums: &'a mut [f32],
}

/// Writes what the rows see, and of each row and head the logarithm of the sum that its shares were divided by.
pub(crate) fn forward(heads: &Heads, starts: &[usize], qkv: &[f32], made: &mut [f32], log_sums: &mut [f32]) {
    let jobs = jobs(heads, starts, made, log_sums);
    jobs.into_par_iter()
        .for_each_init(Vec::new, |scores, job| compute(heads, qkv, job, scores));
}

fn jobs<'a>(
    heads: &Heads,
    starts: &[usize],
    mut made: &'a mut [f32],
    mut log_sums: &'a mut [f32],
) -> Vec<Job<'a>> {
    let mut jobs = Vec::new();
    for pair in starts.windows(2) {
        for first in (pair[0]..pair[1]).step_by(BLOCK_ROWS) {
            let rows = BLOCK_ROWS.min(pair[1] - first);
            let (made_here, made_rest) = made.split_at_mut(rows * heads.width);
            let (sums_here, sums_rest) = log_sums.split_at_mut(rows * heads.count);
            (made, log_sums) = (made_rest, sums_rest);
            jobs.push(Job {
                start: pair[0],
                first,
                rows,
                made: made_here,
                log_sums: sums_here,
            });
        }
    }
    jobs
}

fn compute(heads: &Heads, qkv: &[f32], job: Job<'_>, scores: &mut Vec<f32>) {
    let here = (job.first, job.rows);
    let seen = (job.start, job.first + job.rows - job.start);
    scores.resize(job.rows * seen.1, 0.0);
    for head in 0..heads.count {
        let queries = heads.part(qkv, heads.query_at(head), here);
        let keys = heads.part(qkv, heads.key_at(head), seen);
        let values = heads.part(qkv, heads.value_at(head), seen);
        let target = ViewMut::new(scores, job.rows, seen.1);
        heads
            .precision
            .multiply_here(target, queries, keys.transposed(), Write::Replace);
        run(Softmax {
            scores,
            columns: seen.1,
            seen_first: job.first - job.start + 1,
            scale: heads.scale,
            log_sums: job.log_sums,
            heads: heads.count,
            head,
        });
        let shares = View::new(scores, job.rows, seen.1);
        let made = &mut job.made[heads.query_at(head)..];
        let target = ViewMut::strided(made, job.rows, heads.size, heads.width);
        heads
            .precision
            .multiply_here(target, shares, values, Write::Replace);
    }
}
