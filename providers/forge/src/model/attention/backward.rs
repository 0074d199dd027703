//! The gradients of queries, keys and values.

use super::rows::{Again, Unshare};
use super::{BLOCK_ROWS, Heads};
use crate::model::kernel::run;
use crate::model::{View, ViewMut, Write};
use rayon::prelude::*;

/// What the forward pass left.
#[derive(Clone, Copy)]
pub(crate) struct Seen<'a> {
    /// Queries, keys and values.
    pub(crate) qkv: &'a [f32],
    /// What the rows saw.
    pub(crate) made: &'a [f32],
    /// The logarithms of the sums, by row and head.
    pub(crate) log_sums: &'a [f32],
    /// The gradient of what the rows saw.
    pub(crate) d_made: &'a [f32],
}

#[derive(Default)]
struct Scratch {
    shares: Vec<f32>,
    d_scores: Vec<f32>,
}

/// Writes the gradients; a job is a conversation, since its rows share keys and values.
pub(crate) fn backward(heads: &Heads, starts: &[usize], seen: Seen<'_>, mut d_qkv: &mut [f32]) {
    let mut jobs = Vec::new();
    for pair in starts.windows(2) {
        let (here, rest) = d_qkv.split_at_mut((pair[1] - pair[0]) * heads.stride());
        d_qkv = rest;
        jobs.push(((pair[0], pair[1] - pair[0]), here));
    }
    jobs.into_par_iter()
        .for_each_init(Scratch::default, |scratch, (conversation, d_qkv)| {
            d_qkv.fill(0.0);
            for head in 0..heads.count {
                for first in (0..conversation.1).step_by(BLOCK_ROWS) {
                    let rows = BLOCK_ROWS.min(conversation.1 - first);
                    let block = Block {
                        heads,
                        head,
                        start: conversation.0,
                        first,
                        rows,
                    };
                    block.scores(&seen, scratch);
                    block.add(&seen, scratch, d_qkv);
                }
            }
        });
}

/// Some rows of a conversation, of one head.
struct Block<'a> {
    heads: &'a Heads,
    head: usize,
    /// Where the conversation starts.
    start: usize,
    /// The first of the rows, within the conversation.
    first: usize,
    rows: usize,
}

impl Block<'_> {
    /// Rows that the last of these sees.
    fn columns(&self) -> usize {
        self.first + self.rows
    }

    /// The shares of the rows, and the gradients of their scores.
    fn scores(&self, seen: &Seen<'_>, scratch: &mut Scratch) {
        let (heads, head) = (self.heads, self.head);
        let (rows, columns) = (self.rows, self.columns());
        let (here, all) = ((self.start + self.first, rows), (self.start, columns));
        scratch.shares.resize(rows * columns, 0.0);
        scratch.d_scores.resize(rows * columns, 0.0);
        let queries = heads.part(seen.qkv, heads.query_at(head), here);
        let keys = heads.part(seen.qkv, heads.key_at(head), all);
        let target = ViewMut::new(&mut scratch.shares, rows, columns);
        heads
            .precision
            .multiply_here(target, queries, keys.transposed(), Write::Replace);
        let sums_at = here.0 * heads.count;
        run(Again {
            scores: &mut scratch.shares,
            columns,
            seen_first: self.first + 1,
            scale: heads.scale,
            log_sums: &seen.log_sums[sums_at..sums_at + rows * heads.count],
            heads: heads.count,
            head,
        });
        let d_made = heads.plain(seen.d_made, head, here);
        let values = heads.part(seen.qkv, heads.value_at(head), all);
        let target = ViewMut::new(&mut scratch.d_scores, rows, columns);
        heads
            .precision
            .multiply_here(target, d_made, values.transposed(), Write::Replace);
        let made_at = here.0 * heads.width..(here.0 + rows) * heads.width;
        run(Unshare {
            shares: &scratch.shares,
            scores: &mut scratch.d_scores,
            columns,
            scale: heads.scale,
            made: (&seen.made[made_at.clone()], &seen.d_made[made_at]),
            width: heads.width,
            head: heads.query_at(head)..heads.query_at(head) + heads.size,
        });
    }

    /// Adds to the gradients of the conversation's queries, keys and values.
    fn add(&self, seen: &Seen<'_>, scratch: &Scratch, d_qkv: &mut [f32]) {
        let (heads, head) = (self.heads, self.head);
        let (rows, columns) = (self.rows, self.columns());
        let (here, all) = ((self.start + self.first, rows), (self.start, columns));
        let shares = View::new(&scratch.shares, rows, columns);
        let d_scores = View::new(&scratch.d_scores, rows, columns);
        let stride = heads.stride();
        let mut add = |at: usize, (left, right): (View<'_>, View<'_>), count: usize| {
            let target = ViewMut::strided(&mut d_qkv[at..], count, heads.size, stride);
            heads.precision.multiply_here(target, left, right, Write::Add);
        };
        let queries = heads.part(seen.qkv, heads.query_at(head), here);
        let keys = heads.part(seen.qkv, heads.key_at(head), all);
        let d_made = heads.plain(seen.d_made, head, here);
        add(self.first * stride + heads.query_at(head), (d_scores, keys), rows);
        add(heads.key_at(head), (d_scores.transposed(), queries), columns);
        add(heads.value_at(head), (shares.transposed(), d_made), columns);
    }
}
