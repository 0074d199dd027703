//! RMSNorm over rows, and what it gives back.

use super::kernel::{Kernel, dot, run, sum};
use rayon::prelude::*;

/// Rows of one job. The gradients of the gains are summed per job and then over jobs, so this must not depend on threads.
const JOB_ROWS: usize = 128;

/// Rows and what was found of them: each row is divided by the root of its mean square.
#[derive(Clone, Copy)]
pub(crate) struct Normed<'a> {
    /// What is normed.
    pub(crate) rows: &'a [f32],
    /// What each column is multiplied with.
    pub(crate) gains: &'a [f32],
    /// What each row is multiplied with: made by [`forward`].
    pub(crate) scales: &'a [f32],
}

/// Finds the rows' scales and writes the normed rows.
pub(crate) fn forward(rows: &[f32], gains: &[f32], epsilon: f32, scales: &mut [f32], made: &mut [f32]) {
    let numbers = JOB_ROWS * gains.len();
    let jobs = rows
        .par_chunks(numbers)
        .zip(made.par_chunks_mut(numbers))
        .zip(scales.par_chunks_mut(JOB_ROWS));
    jobs.for_each(|((rows, made), scales)| {
        run(Scales {
            rows,
            width: gains.len(),
            epsilon,
            scales,
        });
        run(Apply {
            normed: Normed { rows, gains, scales },
            made,
        });
    });
}

/// Writes the normed rows again, from scales that are known.
pub(crate) fn again(normed: Normed<'_>, made: &mut [f32]) {
    let numbers = JOB_ROWS * normed.gains.len();
    let jobs = normed
        .rows
        .par_chunks(numbers)
        .zip(made.par_chunks_mut(numbers))
        .zip(normed.scales.par_chunks(JOB_ROWS));
    jobs.for_each(|((rows, made), scales)| {
        let normed = Normed {
            rows,
            scales,
            ..normed
        };
        run(Apply { normed, made });
    });
}

/// Adds to the gradients of the rows and of the gains, from that of the normed rows.
pub(crate) fn backward(normed: Normed<'_>, given: &[f32], d_rows: &mut [f32], d_gains: &mut [f32]) {
    let width = normed.gains.len();
    let numbers = JOB_ROWS * width;
    let jobs = normed
        .rows
        .par_chunks(numbers)
        .zip(given.par_chunks(numbers))
        .zip(normed.scales.par_chunks(JOB_ROWS))
        .zip(d_rows.par_chunks_mut(numbers));
    let sums: Vec<Vec<f32>> = jobs
        .map(|(((rows, given), scales), d_rows)| {
            let mut d_gains = vec![0.0; width];
            let normed = Normed {
                rows,
                scales,
                ..normed
            };
            run(Backward {
                normed,
                given,
                d_rows,
                d_gains: &mut d_gains,
            });
            d_gains
        })
        .collect();
    for one in sums {
        for (total, value) in d_gains.iter_mut().zip(one) {
            *total += value;
        }
    }
}

struct Scales<'a> {
    rows: &'a [f32],
    width: usize,
    epsilon: f32,
    scales: &'a mut [f32],
}

impl Kernel for Scales<'_> {
    type Output = ();

    #[inline(always)]
    fn compute(self) {
        for (row, scale) in self.rows.chunks_exact(self.width).zip(self.scales) {
            *scale = 1.0 / (dot(row, row) / self.width as f32 + self.epsilon).sqrt();
        }
    }
}

struct Apply<'a> {
    normed: Normed<'a>,
    made: &'a mut [f32],
}

impl Kernel for Apply<'_> {
    type Output = ();

    #[inline(always)]
    fn compute(self) {
        let Normed { rows, gains, scales } = self.normed;
        let width = gains.len();
        let rows = rows.chunks_exact(width).zip(self.made.chunks_exact_mut(width));
        for ((row, made), scale) in rows.zip(scales) {
            for ((made, value), gain) in made.iter_mut().zip(row).zip(gains) {
                *made = value * scale * gain;
            }
        }
    }
}

struct Backward<'a> {
    normed: Normed<'a>,
    given: &'a [f32],
    d_rows: &'a mut [f32],
    d_gains: &'a mut [f32],
}

impl Kernel for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn compute(self) {
        let Normed { rows, gains, scales } = self.normed;
        let width = gains.len();
        let rows = rows.chunks_exact(width).zip(self.given.chunks_exact(width));
        let rows = rows.zip(self.d_rows.chunks_exact_mut(width)).zip(scales);
        for (((row, given), d_row), &scale) in rows {
            let along = sum([row, given, gains], |total, [value, given, gain]| {
                (given * gain).mul_add(value, total)
            });
            let pull = along * scale * scale * scale / width as f32;
            for (((d, &value), &given), &gain) in d_row.iter_mut().zip(row).zip(given).zip(gains) {
                *d += (given * gain).mul_add(scale, -(pull * value));
            }
            for ((d, &value), &given) in self.d_gains.iter_mut().zip(row).zip(given) {
                *d = (value * scale).mul_add(given, *d);
            }
        }
    }
}
