//! Products of matrices.

use super::bf16;
use super::view::{View, ViewMut};
use gemm::Parallelism;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Rows of a product that one job makes, at least and at most. Jobs never depend on how many threads there are.
const JOB_ROWS_MIN: usize = 128;
const JOB_ROWS_MAX: usize = 1024;
const JOBS: usize = 4;

/// How exactly numbers are multiplied; sums are always `f32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// As they are.
    F32,
    /// Rounded to bfloat16, as is usual in training (Micikevicius et al. 2018, Kalamkar et al. 2019).
    Bf16,
}

/// What becomes of the numbers that are there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Write {
    /// The product takes their place.
    Replace,
    /// It is added to them.
    Add,
}

impl Precision {
    /// The product, by this thread.
    pub(crate) fn multiply_here(self, target: ViewMut<'_>, left: View<'_>, right: View<'_>, into: Write) {
        assert_eq!(
            (target.rows, target.columns, left.columns),
            (left.rows, right.columns, right.rows),
            "matrices do not fit each other"
        );
        match self {
            Self::F32 => multiply_exactly(target, left, right, into),
            Self::Bf16 => bf16::multiply(target, left, right, into),
        }
    }

    /// The product, by all threads: each job makes some rows of it, and the numbers are the same whoever makes them.
    pub(crate) fn multiply(self, target: ViewMut<'_>, left: View<'_>, right: View<'_>, into: Write) {
        let rows = target.rows.div_ceil(JOBS).clamp(JOB_ROWS_MIN, JOB_ROWS_MAX);
        let (columns, row_stride) = (target.columns, target.row_stride);
        if target.rows <= rows {
            return self.multiply_here(target, left, right, into);
        }
        assert_eq!(target.rows, left.rows, "matrices do not fit each other");
        let jobs = target.numbers().par_chunks_mut(rows * row_stride).enumerate();
        jobs.for_each(|(job, data)| {
            let count = rows.min(left.rows - job * rows);
            let target = ViewMut::strided(data, count, columns, row_stride);
            self.multiply_here(target, left.some_rows(job * rows, count), right, into);
        });
    }
}

#[expect(
    unsafe_code,
    reason = "the fast product takes pointers: views lie within their slices, and the caller saw that sizes fit"
)]
pub(super) fn multiply_exactly(target: ViewMut<'_>, left: View<'_>, right: View<'_>, into: Write) {
    // Strides are within slices, so they are within isize.
    let stride = |value: usize| value.cast_signed();
    // SAFETY: every index below is within the slices by `needed`; the target is borrowed alone.
    unsafe {
        gemm::gemm(
            target.rows,
            target.columns,
            left.columns,
            target.data.as_mut_ptr(),
            1,
            stride(target.row_stride),
            into == Write::Add,
            left.data.as_ptr(),
            stride(left.column_stride),
            stride(left.row_stride),
            right.data.as_ptr(),
            stride(right.column_stride),
            stride(right.row_stride),
            1.0_f32,
            1.0_f32,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::{Precision, Write};
    use crate::model::view::{View, ViewMut};
    use proptest::prelude::*;

    fn numbers(count: usize, seed: usize) -> Vec<f32> {
        let number = |at: usize| ((at * 31 + seed * 17) % 23) as f32 / 11.0 - 1.0;
        (0..count).map(number).collect()
    }

    fn plain(left: View<'_>, right: View<'_>) -> Vec<f32> {
        let mut made = Vec::new();
        for row in 0..left.rows() {
            for column in 0..right.columns() {
                let terms = (0..left.columns()).map(|inner| left.at(row, inner) * right.at(inner, column));
                made.push(terms.sum());
            }
        }
        made
    }

    proptest! {
        #[test]
        fn products_are_those_of_three_loops(
            (rows, inner, columns) in (1_usize..150, 1_usize..40, 1_usize..40),
            (turned, add) in (any::<bool>(), any::<bool>()),
        ) {
            let (one, two) = (numbers(rows * inner, 1), numbers(inner * columns, 2));
            let left = if turned {
                View::new(&one, inner, rows).transposed()
            } else {
                View::new(&one, rows, inner)
            };
            let right = View::new(&two, inner, columns);
            let gap = columns + 3;
            let mut made = vec![0.5; rows * gap];
            let into = if add { Write::Add } else { Write::Replace };
            Precision::F32.multiply(ViewMut::strided(&mut made, rows, columns, gap), left, right, into);
            let before = if add { 0.5 } else { 0.0 };
            for (row, right) in plain(left, right).chunks(columns).enumerate() {
                for (column, value) in right.iter().enumerate() {
                    prop_assert!((made[row * gap + column] - value - before).abs() < 1e-4);
                }
                prop_assert!(made[row * gap + columns..(row + 1) * gap].iter().all(|rest| *rest == 0.5));
            }
        }
    }

    #[test]
    #[should_panic(expected = "do not fit")]
    fn matrices_that_do_not_fit_are_refused() {
        let (one, two) = ([0.0; 6], [0.0; 6]);
        let mut made = [0.0; 4];
        Precision::F32.multiply(
            ViewMut::new(&mut made, 2, 2),
            View::new(&one, 2, 3),
            View::new(&two, 2, 3),
            Write::Replace,
        );
    }
}
