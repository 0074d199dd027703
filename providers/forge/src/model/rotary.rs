//! Rotary embedding: the halves of each head are turned by angles that grow with the place in the conversation.

use super::Shape;
use super::kernel::{Kernel, run};
use rayon::prelude::*;

const JOB_ROWS: usize = 128;

/// Cosines and sines of all places.
#[derive(Debug)]
pub(crate) struct Rotary {
    cosines: Vec<f32>,
    sines: Vec<f32>,
    /// Numbers of half a head.
    half: usize,
    /// Numbers of a row that are turned: those of queries and keys.
    turned: usize,
    /// Numbers of a row.
    stride: usize,
}

/// Which way rows are turned.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    /// By the place's angles.
    Forward,
    /// By their opposites: so gradients are.
    Backward,
}

impl Rotary {
    pub(crate) fn new(shape: &Shape) -> Self {
        let half = shape.head_size() / 2;
        let angles = (0..shape.context).flat_map(|place| {
            (0..half).map(move |at| {
                let power = -2.0 * at as f64 / (2 * half) as f64;
                place as f64 * f64::from(shape.rope_theta).powf(power)
            })
        });
        let (cosines, sines) = angles
            .map(|angle| (angle.cos() as f32, angle.sin() as f32))
            .unzip();
        Self {
            cosines,
            sines,
            half,
            turned: shape.width + shape.kv_width(),
            stride: shape.qkv_width(),
        }
    }

    /// Turns the queries and keys of rows at these places.
    pub(crate) fn turn(&self, rows: &mut [f32], places: &[u32], way: Way) {
        let jobs = rows
            .par_chunks_mut(JOB_ROWS * self.stride)
            .zip(places.par_chunks(JOB_ROWS));
        let sign = match way {
            Way::Forward => 1.0,
            Way::Backward => -1.0,
        };
        jobs.for_each(|(rows, places)| {
            run(Turn {
                rotary: self,
                rows,
                places,
                sign,
            });
        });
    }
}

struct Turn<'a> {
    rotary: &'a Rotary,
    rows: &'a mut [f32],
    places: &'a [u32],
    sign: f32,
}

impl Kernel for Turn<'_> {
    type Output = ();

    #[inline(always)]
    fn compute(self) {
        let Rotary { half, turned, .. } = *self.rotary;
        for (row, &place) in self.rows.chunks_exact_mut(self.rotary.stride).zip(self.places) {
            let angles = place as usize * half..(place as usize + 1) * half;
            let cosines = &self.rotary.cosines[angles.clone()];
            let sines = &self.rotary.sines[angles];
            for head in row[..turned].chunks_exact_mut(2 * half) {
                let (low, high) = head.split_at_mut(half);
                for (((low, high), &cosine), &sine) in low.iter_mut().zip(high).zip(cosines).zip(sines) {
                    let sine = self.sign * sine;
                    let (one, two) = (*low, *high);
                    *low = one.mul_add(cosine, -(two * sine));
                    *high = two.mul_add(cosine, one * sine);
                }
            }
        }
    }
}
