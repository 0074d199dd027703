//! One step: a batch, its gradient, the optimiser's move.

use super::batches::passes;
use super::checkpoint::Checkpoint;
use super::measure::length;
use super::optimiser::Update;
use super::{Batches, Schedule, Settings, Tokens, TrainError};
use crate::model::Engine;

/// What a step told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    pub(super) loss: f64,
    pub(super) rate: f32,
    pub(super) gradient_norm: f64,
    pub(super) tokens: usize,
}

/// What steps are made with.
pub(super) struct Stepper<'a> {
    pub(super) tokens: &'a Tokens,
    pub(super) batches: Batches<'a>,
    pub(super) settings: &'a Settings,
    /// As long as all weights; what is in it between steps does not matter.
    pub(super) gradient: Vec<f32>,
}

impl Stepper<'_> {
    /// Makes the next step, in place.
    pub(super) fn step(&mut self, engine: &mut dyn Engine, run: &mut Checkpoint) -> Result<Told, TrainError> {
        let batch = self.batches.take();
        let passes = passes(self.tokens, &batch, self.settings.pass_tokens);
        let targets: usize = passes.iter().map(|pass| pass.predictions().len()).sum();
        let share = 1.0 / targets as f32;
        self.gradient.fill(0.0);
        let (mut loss, mut tokens) = (0.0, 0);
        for pass in &passes {
            loss += engine.gradients(&run.weights, pass, share, &mut self.gradient)?;
            tokens += pass.ids().len();
        }
        loss /= targets as f64;
        let gradient_norm = length(&self.gradient);
        let step = run.state.step;
        let rate = Schedule::of(self.settings).rate(step);
        if !loss.is_finite() || !gradient_norm.is_finite() {
            return Err(TrainError::Diverged {
                step: step + 1,
                loss,
                rate,
            });
        }
        let clip = (f64::from(self.settings.clip_norm) / gradient_norm.max(1e-12)).min(1.0) as f32;
        let table = std::sync::Arc::clone(run.weights.table());
        let update = Update {
            settings: self.settings,
            table: &table,
            step,
            rate,
            clip,
        };
        update.apply(run.weights.values_mut(), &self.gradient, &mut run.moments);
        run.state.step += 1;
        run.state.tokens += tokens as u64;
        run.state.place = self.batches.place();
        Ok(Told {
            loss,
            rate,
            gradient_norm,
            tokens,
        })
    }
}
