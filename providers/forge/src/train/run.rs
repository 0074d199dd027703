//! A run from its first step, or from its last checkpoint, to its end.

use super::checkpoint::{Checkpoint, Checkpoints};
use super::journal::Journal;
use super::measure::Dev;
use super::start::start;
use super::step::{Stepper, Told};
use super::{Batches, Line, Schedule, Settings, Tokens, TrainError, Upkeep, Watch, plot};
use crate::model::Engine;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What is trained, on what, and where.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// What decides which weights come out.
    pub settings: &'a Settings,
    /// What is done beside.
    pub upkeep: &'a Upkeep,
    /// What is learnt from.
    pub tokens: &'a Tokens,
    /// What the loss is measured on beside, if anything.
    pub dev: Option<&'a Tokens>,
    /// Where the run lives: its checkpoints, its log, its plot, its weights. A run that is there already goes on.
    pub folder: &'a Path,
    /// A checkpoint that a new run starts from, instead of from random weights: of the same shape, with its step and its
    /// moments, and at its place where the data is the same.
    pub from: Option<&'a Path>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Steps that were made in all.
    pub steps: u64,
    /// Whether these are all; if not, the same call goes on.
    pub finished: bool,
    /// Tokens that were read.
    pub tokens: u64,
    /// The mean loss of the last step's batch.
    pub loss: Option<f64>,
    /// The last loss of the dev split.
    pub dev_loss: Option<f64>,
    /// Conversations longer than the context, which were left out.
    pub too_long: usize,
    /// Conversations without a target, which were left out.
    pub without_targets: usize,
    /// The weights, when it finished.
    pub weights: Option<PathBuf>,
}

/// Trains until the last step or until `stop` is set; then there is a checkpoint, and the same call goes on from it. A
/// run that was killed goes on from its last checkpoint too, and comes to the same weights.
pub fn train(
    run: Run<'_>,
    engine: &mut dyn Engine,
    watch: &mut dyn Watch,
    stop: &AtomicBool,
) -> Result<Outcome, TrainError> {
    run.settings.check()?;
    let mut going = Going::begin(run, watch)?;
    let done = going.steps(engine, watch, stop);
    watch.end();
    done?;
    going.finish(watch)
}

/// A run that goes on.
struct Going<'a> {
    run: Run<'a>,
    now: Checkpoint,
    checkpoints: Checkpoints,
    journal: Journal,
    stepper: Stepper<'a>,
    dev: Option<Dev<'a>>,
    /// The step of the newest checkpoint, and when it was written.
    saved: (u64, Instant),
}

impl<'a> Going<'a> {
    fn begin(run: Run<'a>, watch: &mut dyn Watch) -> Result<Self, TrainError> {
        let settings = run.settings;
        let checkpoints = Checkpoints::open(run.folder.join("checkpoints"))?;
        let context = settings.shape.context;
        let mut batches = Batches::new(run.tokens, context, settings.batch_tokens, settings.seed)?;
        if batches.too_long + batches.without_targets > 0 {
            watch.note(&format!(
                "left out: {} conversations longer than {context} tokens, {} without a target",
                batches.too_long, batches.without_targets
            ));
        }
        let now = start(run, &checkpoints, watch)?;
        batches.go_to(now.state.place);
        let passes = (context, settings.pass_tokens);
        let dev = run
            .dev
            .map(|dev| Dev::new(dev, passes, run.upkeep.dev_tokens_max));
        watch.begin(now.state.step, settings.steps);
        Ok(Self {
            journal: Journal::open(run.folder.join("train.jsonl"), now.state.step)?,
            stepper: Stepper {
                tokens: run.tokens,
                batches,
                settings,
                gradient: vec![0.0; now.weights.values().len()],
            },
            dev,
            saved: (now.state.step, Instant::now()),
            run,
            now,
            checkpoints,
        })
    }

    fn steps(
        &mut self,
        engine: &mut dyn Engine,
        watch: &mut dyn Watch,
        stop: &AtomicBool,
    ) -> Result<(), TrainError> {
        let schedule = Schedule::of(self.run.settings);
        while self.now.state.step < self.run.settings.steps {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            let decays = self.run.settings.decay_steps > 0;
            if decays && self.now.state.step == schedule.decay_start() {
                self.checkpoints.write_before_decay(&self.now)?;
            }
            let started = Instant::now();
            let told = self.stepper.step(engine, &mut self.now)?;
            let seconds = started.elapsed().as_secs_f64();
            let line = self.line(engine, told, seconds)?;
            watch.step(&line);
            self.journal.write(line)?;
            self.save_when_due()?;
        }
        if self.saved.0 != self.now.state.step {
            self.save()?;
        }
        Ok(())
    }

    fn line(&self, engine: &mut dyn Engine, told: Told, seconds: f64) -> Result<Line, TrainError> {
        let state = &self.now.state;
        let due = state.step.is_multiple_of(self.run.upkeep.dev_steps.max(1))
            || state.step == self.run.settings.steps;
        let dev_loss = match &self.dev {
            Some(dev) if due => dev.loss(engine, &self.now.weights)?,
            _ => None,
        };
        Ok(Line {
            step: state.step,
            epoch: state.place.epoch,
            loss: told.loss,
            dev_loss,
            rate: told.rate,
            gradient_norm: told.gradient_norm,
            tokens: state.tokens,
            tokens_per_second: told.tokens as f64 / seconds.max(1e-9),
        })
    }

    fn save_when_due(&mut self) -> Result<(), TrainError> {
        let upkeep = self.run.upkeep;
        let (step, when) = self.saved;
        let steps = self.now.state.step - step >= upkeep.checkpoint_steps.max(1);
        if steps || when.elapsed() >= Duration::from_secs(upkeep.checkpoint_seconds) {
            self.save()?;
        }
        Ok(())
    }

    fn save(&mut self) -> Result<(), TrainError> {
        self.checkpoints.write(&self.now)?;
        self.saved = (self.now.state.step, Instant::now());
        plot::draw_lines(self.journal.lines(), &self.run.folder.join("loss.svg"))
    }

    fn finish(self, watch: &mut dyn Watch) -> Result<Outcome, TrainError> {
        let finished = self.now.state.step >= self.run.settings.steps;
        let weights = finished.then(|| self.run.folder.join("model.safetensors"));
        match &weights {
            Some(path) => self.now.weights.save(path)?,
            None => watch.note(&format!(
                "stopped after {} of {} steps: the same command goes on from there",
                self.now.state.step, self.run.settings.steps
            )),
        }
        let lines = self.journal.lines();
        Ok(Outcome {
            steps: self.now.state.step,
            finished,
            tokens: self.now.state.tokens,
            loss: lines.last().map(|line| line.loss),
            dev_loss: lines.iter().rev().find_map(|line| line.dev_loss),
            too_long: self.stepper.batches.too_long,
            without_targets: self.stepper.batches.without_targets,
            weights,
        })
    }
}
