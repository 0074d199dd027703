//! SwiGLU over rows: each row holds the gate and, after it, what the gate lets through.

use super::kernel::{Kernel, exp, run};
use rayon::prelude::*;

const JOB_ROWS: usize = 64;

/// Writes what comes through: half as wide as the rows.
pub(crate) fn forward(gate_up: &[f32], width: usize, made: &mut [f32]) {
    let jobs = gate_up
        .par_chunks(JOB_ROWS * 2 * width)
        .zip(made.par_chunks_mut(JOB_ROWS * width));
    jobs.for_each(|(rows, made)| run(Forward { rows, width, made }));
}

/// Puts the rows' gradients in their place, and writes again what came through.
pub(crate) fn backward(gate_up: &mut [f32], width: usize, given: &[f32], made: &mut [f32]) {
    let jobs = gate_up
        .par_chunks_mut(JOB_ROWS * 2 * width)
        .zip(given.par_chunks(JOB_ROWS * width))
        .zip(made.par_chunks_mut(JOB_ROWS * width));
    jobs.for_each(|((rows, given), made)| {
        run(Backward {
            rows,
            width,
            given,
            made,
        });
    });
}

#[inline(always)]
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

struct Forward<'a> {
    rows: &'a [f32],
    width: usize,
    made: &'a mut [f32],
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn compute(self) {
        let rows = self.rows.chunks_exact(2 * self.width);
        for (row, made) in rows.zip(self.made.chunks_exact_mut(self.width)) {
            let (gates, ups) = row.split_at(self.width);
            for ((made, &gate), &up) in made.iter_mut().zip(gates).zip(ups) {
                *made = gate * sigmoid(gate) * up;
            }
        }
    }
}

struct Backward<'a> {
    rows: &'a mut [f32],
    width: usize,
    given: &'a [f32],
    made: &'a mut [f32],
}

impl Kernel for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn compute(self) {
        let width = self.width;
        let rows = self.rows.chunks_exact_mut(2 * width);
        let rows = rows.zip(self.given.chunks_exact(width));
        for ((row, given), made) in rows.zip(self.made.chunks_exact_mut(width)) {
            let (gates, ups) = row.split_at_mut(width);
            let pairs = gates.iter_mut().zip(ups);
            for (((gate, up), &given), made) in pairs.zip(given).zip(made) {
                let open = sigmoid(*gate);
                let through = *gate * open;
                *made = through * *up;
                let d_gate = given * *up * open * (*gate).mul_add(1.0 - open, 1.0);
                *up = given * through;
                *gate = d_gate;
            }
        }
    }
}
