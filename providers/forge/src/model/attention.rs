//! Causal attention over packed conversations, in blocks of rows: no matrix of all scores is kept.

mod backward;
mod forward;
mod rows;

pub(crate) use backward::{Seen, backward};
pub(crate) use forward::forward;

use super::{Precision, Shape, View};

/// Rows whose scores are made at once.
const BLOCK_ROWS: usize = 64;

/// How heads lie in a row of queries, keys and values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heads {
    precision: Precision,
    /// Heads.
    pub(crate) count: usize,
    /// Heads that share keys and values.
    shared: usize,
    /// Numbers of a head.
    size: usize,
    /// Numbers of a row's queries.
    pub(crate) width: usize,
    kv_width: usize,
    /// What scores are multiplied with.
    scale: f32,
}

impl Heads {
    pub(crate) fn of(shape: &Shape, precision: Precision) -> Self {
        Self {
            precision,
            count: shape.heads,
            shared: shape.heads / shape.kv_heads,
            size: shape.head_size(),
            width: shape.width,
            kv_width: shape.kv_width(),
            scale: 1.0 / (shape.head_size() as f32).sqrt(),
        }
    }

    /// Numbers of a row of queries, keys and values.
    fn stride(&self) -> usize {
        self.width + 2 * self.kv_width
    }

    fn query_at(&self, head: usize) -> usize {
        head * self.size
    }

    fn key_at(&self, head: usize) -> usize {
        self.width + head / self.shared * self.size
    }

    fn value_at(&self, head: usize) -> usize {
        self.key_at(head) + self.kv_width
    }

    /// A head's numbers, from `at` on, of rows that begin at `first`.
    fn part<'a>(&self, qkv: &'a [f32], at: usize, (first, rows): (usize, usize)) -> View<'a> {
        View::strided(&qkv[first * self.stride() + at..], rows, self.size, self.stride())
    }

    /// A head's numbers of rows as wide as the queries.
    fn plain<'a>(&self, rows_of: &'a [f32], head: usize, (first, rows): (usize, usize)) -> View<'a> {
        let at = first * self.width + self.query_at(head);
        View::strided(&rows_of[at..], rows, self.size, self.width)
    }
}
