//! What a run is told.

use super::{Schedule, TrainError};
use crate::model::{Precision, Shape};
use serde::{Deserialize, Serialize};

const STEPS_MAX: u64 = 10_000_000;
const BATCH_TOKENS_MAX: usize = 1 << 20;

/// How weights follow their gradients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Optimiser {
    /// AdamW (Loshchilov & Hutter 2019) for all weights.
    AdamW,
    /// Muon (Jordan et al. 2024) for the matrices between layers, scaled so that a rate means what it means to AdamW
    /// (Liu et al. 2025), and AdamW for the rest.
    Muon,
}

/// What decides which weights come out: the same settings and data make the same weights, bit for bit, on one machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The model's.
    pub shape: Shape,
    /// Of the first weights and of the order of conversations.
    pub seed: u64,
    /// Steps in all.
    pub steps: u64,
    /// Steps in which the rate rises.
    pub warmup_steps: u64,
    /// Steps at the end in which it falls.
    pub decay_steps: u64,
    /// The learning rate between.
    pub rate: f32,
    /// How exactly matrices are multiplied.
    pub precision: Precision,
    /// Who makes the steps.
    pub optimiser: Optimiser,
    /// What part of a matrix a step of rate 1 takes away.
    pub weight_decay: f32,
    /// Gradients longer than this are shortened to it.
    pub clip_norm: f32,
    /// Tokens of a step, at most (or one conversation).
    pub batch_tokens: usize,
    /// Tokens that are read at once, at most (or one conversation): they decide how much memory a run takes.
    pub pass_tokens: usize,
}

/// What a run does beside training.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upkeep {
    /// Steps after which a checkpoint is written, at the latest.
    pub checkpoint_steps: u64,
    /// Seconds after which one is written, at the latest.
    pub checkpoint_seconds: u64,
    /// Steps after which the loss of the dev split is measured.
    pub dev_steps: u64,
    /// Tokens of the dev split that are read for it, at most.
    pub dev_tokens_max: usize,
}

impl Default for Upkeep {
    fn default() -> Self {
        Self {
            checkpoint_steps: 1000,
            checkpoint_seconds: 300,
            dev_steps: 200,
            dev_tokens_max: 50_000,
        }
    }
}

impl Settings {
    /// Settings that suit a small model on two cores; `steps` are chosen by the caller.
    pub fn new(shape: Shape, seed: u64, steps: u64) -> Self {
        Self {
            shape,
            seed,
            steps,
            warmup_steps: (steps / 10).min(100),
            decay_steps: steps / 5,
            rate: 1e-2,
            precision: Precision::Bf16,
            optimiser: Optimiser::Muon,
            weight_decay: 0.1,
            clip_norm: 1.0,
            batch_tokens: 8192,
            pass_tokens: 2048,
        }
    }

    /// Tokens of the longest pass.
    pub fn pass_tokens_max(&self) -> usize {
        self.pass_tokens.max(self.shape.context)
    }

    /// Fails when a setting is out of its bounds.
    pub fn check(&self) -> Result<(), TrainError> {
        self.shape.check()?;
        let counts = [
            ("steps", self.steps, STEPS_MAX),
            ("batch_tokens", self.batch_tokens as u64, BATCH_TOKENS_MAX as u64),
            ("pass_tokens", self.pass_tokens as u64, BATCH_TOKENS_MAX as u64),
        ];
        for (name, value, most) in counts {
            if value == 0 || value > most {
                return Err(TrainError::setting(
                    name,
                    value,
                    format!("tell one from 1 to {most}"),
                ));
            }
        }
        if self.warmup_steps > Schedule::of(self).decay_start() {
            let cure = format!("with {} decay_steps they are more than `steps`", self.decay_steps);
            return Err(TrainError::setting("warmup_steps", self.warmup_steps, cure));
        }
        let numbers = [
            ("rate", self.rate, 0.0, 1.0),
            ("clip_norm", self.clip_norm, 0.0, 1e6),
            // No decay at all is a choice too.
            ("weight_decay", self.weight_decay, -f32::MIN_POSITIVE, 10.0),
        ];
        for (name, value, above, most) in numbers {
            if !(value > above && value <= most) {
                let cure = format!("tell one above 0, up to {most}");
                return Err(TrainError::setting(name, value, cure));
            }
        }
        Ok(())
    }

    /// Why a run with these settings cannot go on from where one with `others` was after `step` steps, unless it can:
    /// all must be the same but how long the rate stays, if it was not falling yet.
    pub(crate) fn differs_from(&self, others: &Self, step: u64) -> Option<String> {
        let same_length = Self {
            steps: self.steps,
            decay_steps: self.decay_steps,
            ..others.clone()
        };
        if same_length != *self {
            return Some(format!(
                "its settings differ: go on with them, or use another folder. They are {}",
                serde_json::to_string(others).unwrap_or_else(|error| error.to_string())
            ));
        }
        let falls = Schedule::of(self)
            .decay_start()
            .min(Schedule::of(others).decay_start());
        if same_length != *others && step > falls {
            return Some(format!(
                "after {step} steps its rate falls already, from step {falls} on: prolong it from \
                 `before-decay.safetensors`, in another folder"
            ));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::Settings;
    use crate::model::Size;

    fn settings() -> Settings {
        Settings::new(Size::NanoS.shape(4096, 1024), 1, 1000)
    }

    #[test]
    fn what_is_out_of_bounds_is_named() {
        settings().check().expect("usable");
        let cases = [
            (
                Settings {
                    steps: 0,
                    ..settings()
                },
                "`steps` is 0",
            ),
            (
                Settings {
                    pass_tokens: 0,
                    ..settings()
                },
                "`pass_tokens` is 0",
            ),
            (
                Settings {
                    warmup_steps: 801,
                    ..settings()
                },
                "`warmup_steps` is 801",
            ),
            (
                Settings {
                    rate: 0.0,
                    ..settings()
                },
                "`rate` is 0",
            ),
            (
                Settings {
                    clip_norm: f32::NAN,
                    ..settings()
                },
                "`clip_norm` is NaN",
            ),
            (
                Settings {
                    weight_decay: -1.0,
                    ..settings()
                },
                "`weight_decay` is -1",
            ),
        ];
        for (settings, named) in cases {
            let told = settings.check().expect_err(named).to_string();
            assert!(told.contains(named), "{told}");
        }
        Settings {
            weight_decay: 0.0,
            ..settings()
        }
        .check()
        .expect("usable");
    }

    #[test]
    fn a_run_may_be_prolonged_until_its_rate_falls() {
        let longer = Settings {
            steps: 2000,
            ..settings()
        };
        assert_eq!(longer.differs_from(&settings(), 800), None);
        let told = longer.differs_from(&settings(), 801).expect("falls");
        assert!(told.contains("before-decay"), "{told}");
        assert_eq!(settings().differs_from(&settings(), 900), None);
        let other = Settings {
            seed: 2,
            ..settings()
        };
        assert!(
            other
                .differs_from(&settings(), 1)
                .expect("differs")
                .contains("settings differ")
        );
    }
}
