//! Steps along gradients.

use super::chunks::{Flat, Part, parts};
use super::muon::{self, Muon};
use super::{Optimiser, Settings};
use crate::model::{Kernel, Kind, Table, run};
use rayon::prelude::*;

const FIRST_SHARE: f32 = 0.9;
const SECOND_SHARE: f32 = 0.95;
const EPSILON: f32 = 1e-8;
const JOB_NUMBERS: usize = 1 << 14;

/// What is kept of past gradients: as many numbers each as there are weights. Muon leaves the second of its matrices as
/// they are.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Moments {
    pub(super) first: Vec<f32>,
    pub(super) second: Vec<f32>,
}

impl Moments {
    pub(super) fn new(numbers: usize) -> Self {
        Self {
            first: vec![0.0; numbers],
            second: vec![0.0; numbers],
        }
    }
}

/// One step.
#[derive(Clone, Copy)]
pub(super) struct Update<'a> {
    pub(super) settings: &'a Settings,
    pub(super) table: &'a Table,
    /// The step, the first being 0.
    pub(super) step: u64,
    pub(super) rate: f32,
    /// What the gradient is multiplied with.
    pub(super) clip: f32,
}

impl Update<'_> {
    /// Moves the weights.
    pub(super) fn apply(&self, weights: &mut [f32], gradient: &[f32], moments: &mut Moments) {
        let flat = Flat {
            weights,
            first: &mut moments.first,
            second: &mut moments.second,
            gradient,
        };
        let muon = self.settings.optimiser == Optimiser::Muon;
        parts(self.table, flat).into_par_iter().for_each(|part| {
            if muon && part.kind == Kind::Matrix {
                let how = Muon {
                    rate: self.rate,
                    decay: self.settings.weight_decay,
                    clip: self.clip,
                    precision: self.settings.precision,
                };
                muon::apply(part, how);
            } else {
                self.adam(part);
            }
        });
    }

    fn adam(&self, part: Part<'_>) {
        let decay = match part.kind {
            Kind::Matrix => self.settings.weight_decay,
            // The embedding is the output matrix too, and gains are around 1: neither should shrink.
            Kind::Embedding | Kind::Norm => 0.0,
        };
        let times = i32::try_from(self.step + 1).unwrap_or(i32::MAX);
        let how = Adam {
            kept: 1.0 - self.rate * decay,
            rate: self.rate / (1.0 - FIRST_SHARE.powi(times)),
            second_scale: 1.0 / (1.0 - SECOND_SHARE.powi(times)),
            clip: self.clip,
        };
        let weights = part.weights.par_chunks_mut(JOB_NUMBERS);
        let moments = part
            .first
            .par_chunks_mut(JOB_NUMBERS)
            .zip(part.second.par_chunks_mut(JOB_NUMBERS));
        let gradient = part.gradient.par_chunks(JOB_NUMBERS);
        weights
            .zip(moments)
            .zip(gradient)
            .for_each(|((weights, (first, second)), gradient)| {
                run(AdamJob {
                    how,
                    weights,
                    first,
                    second,
                    gradient,
                });
            });
    }
}

#[derive(Clone, Copy)]
struct Adam {
    /// What part of a weight is left.
    kept: f32,
    rate: f32,
    second_scale: f32,
    clip: f32,
}

struct AdamJob<'a> {
    how: Adam,
    weights: &'a mut [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
    gradient: &'a [f32],
}

impl Kernel for AdamJob<'_> {
    type Output = ();

    #[inline(always)]
    fn compute(self) {
        let how = self.how;
        let moments = self.first.iter_mut().zip(self.second);
        let all = self.weights.iter_mut().zip(moments).zip(self.gradient);
        for ((weight, (first, second)), &gradient) in all {
            let gradient = gradient * how.clip;
            *first = FIRST_SHARE.mul_add(*first, (1.0 - FIRST_SHARE) * gradient);
            *second = SECOND_SHARE.mul_add(*second, (1.0 - SECOND_SHARE) * gradient * gradient);
            let root = (*second * how.second_scale).sqrt() + EPSILON;
            *weight = how.kept.mul_add(*weight, -(how.rate * *first / root));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Moments, Optimiser, Settings, Update};
    use crate::model::{Kind, Size, Weights};
    use anyhow::Result;

    fn moved(optimiser: Optimiser) -> Result<(Weights, Weights)> {
        let shape = crate::model::Shape {
            layers: 1,
            ..Size::NanoS.shape(40, 16)
        };
        let settings = Settings {
            optimiser,
            ..Settings::new(shape.clone(), 1, 10)
        };
        let before = Weights::random(&shape, 1)?;
        let mut after = before.clone();
        let mut moments = Moments::new(before.values().len());
        let gradient: Vec<f32> = (0..before.values().len())
            .map(|at| ((at * 37) % 101) as f32 / 50.0 - 1.0)
            .collect();
        let update = Update {
            settings: &settings,
            table: before.table(),
            step: 0,
            rate: 0.01,
            clip: 0.5,
        };
        update.apply(after.values_mut(), &gradient, &mut moments);
        Ok((before, after))
    }

    /// The root of the mean square of how far a kind of weight moved.
    fn distance(before: &Weights, after: &Weights, kind: Kind) -> f64 {
        let all = before
            .table()
            .all
            .iter()
            .filter(|parameter| parameter.kind == kind);
        let pairs = all.flat_map(|parameter| {
            let at = parameter.at.clone();
            before.values()[at.clone()].iter().zip(&after.values()[at])
        });
        let squares: Vec<f64> = pairs.map(|(one, two)| f64::from(one - two).powi(2)).collect();
        (squares.iter().sum::<f64>() / squares.len() as f64).sqrt()
    }

    #[test]
    fn the_first_step_of_adam_is_as_long_as_the_rate_everywhere() -> Result<()> {
        let (before, after) = moved(Optimiser::AdamW)?;
        for kind in [Kind::Embedding, Kind::Norm, Kind::Matrix] {
            let found = distance(&before, &after, kind);
            assert!((found - 0.01).abs() < 1e-3, "{kind:?}: {found}");
        }
        Ok(())
    }

    #[test]
    fn a_step_of_muon_is_as_long_as_one_of_adam_usually_is() -> Result<()> {
        let (before, after) = moved(Optimiser::Muon)?;
        assert!((distance(&before, &after, Kind::Embedding) - 0.01).abs() < 1e-3);
        // Adam's steps are 0.2 to 0.4 times the rate once its moments are settled.
        let found = distance(&before, &after, Kind::Matrix);
        assert!(found > 5e-5 && found < 4e-3, "{found}");
        Ok(())
    }
}
