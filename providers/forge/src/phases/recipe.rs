//! What a run is told: the file of a recipe.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::PhaseError;
use crate::data::{Split, Weights};
use crate::evaluate::{Evaluation, WorkerOptions};
use crate::export::{Card, Format};
use crate::model::{Precision, Shape};
use crate::train::{Optimiser, Settings, Upkeep};

const ROPE_THETA: f32 = 10_000.0;
const NORM_EPSILON: f32 = 1e-5;

/// All that decides which models come out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// What the models say of themselves.
    pub card: Card,
    /// What is learnt.
    pub data: DataPart,
    /// How texts become tokens.
    pub tokenizer: TokenizerPart,
    /// How weights are learnt.
    pub training: TrainingPart,
    /// The models, by name.
    pub sizes: BTreeMap<String, SizeRecipe>,
    /// How the weights are kept.
    pub export: ExportPart,
    /// How the models are measured.
    pub evaluation: EvaluationPart,
}

/// What is learnt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataPart {
    /// The seed of all examples.
    pub seed: u64,
    /// Conversations that are learnt from.
    pub train_examples: usize,
    /// Conversations that the loss is watched by: made alike, and not learnt from.
    pub watch_examples: usize,
    /// Files whose prose is read from too.
    #[serde(default)]
    pub documents: Vec<PathBuf>,
    /// How often each task comes; the generator's own where none is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<Weights>,
}

/// How texts become tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenizerPart {
    /// Tokens of the vocabulary.
    pub tokens: usize,
    /// Conversations that it is learnt from, at most.
    pub examples_max: usize,
}

/// How weights are learnt, whatever their size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingPart {
    /// Tokens of the longest conversation.
    pub context_tokens: usize,
    /// Of the first weights and of the order of conversations.
    pub seed: u64,
    /// See [`Settings`].
    pub precision: Precision,
    /// See [`Settings`].
    pub optimiser: Optimiser,
    /// See [`Settings`].
    pub weight_decay: f32,
    /// See [`Settings`].
    pub clip_norm: f32,
    /// See [`Settings`].
    pub batch_tokens: usize,
    /// See [`Settings`].
    pub pass_tokens: usize,
    /// What a run does beside.
    pub upkeep: Upkeep,
}

/// A model.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SizeRecipe {
    /// See [`Shape`].
    pub layers: usize,
    /// See [`Shape`].
    pub width: usize,
    /// See [`Shape`].
    pub heads: usize,
    /// See [`Shape`].
    pub kv_heads: usize,
    /// See [`Shape`].
    pub feed_forward: usize,
    /// Steps of its training.
    pub steps: u64,
    /// Of those, the first in which the rate rises.
    pub warmup_steps: u64,
    /// Of those, the last in which it falls.
    pub decay_steps: u64,
    /// The learning rate between.
    pub rate: f32,
}

/// How the weights are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportPart {
    /// A file for each.
    pub formats: Vec<Format>,
}

/// How the models are measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvaluationPart {
    /// By which held-out examples.
    pub split: Split,
    /// By so many of each task at most; all where none is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_examples_max: Option<usize>,
    /// How they are asked.
    pub asking: Evaluation,
    /// How the worker is run.
    pub worker: WorkerOptions,
    /// Examples that are asked alone, for the speed.
    pub speed_examples: usize,
}

impl Recipe {
    /// The recipe of the models that this project ships.
    pub const NANO: &str = include_str!("../../recipes/nano.toml");

    /// Reads a file, or the recipe of this project where none is named.
    pub fn open(path: Option<&Path>) -> Result<Self, PhaseError> {
        let Some(path) = path else {
            return Self::parse(Self::NANO, Path::new("recipes/nano.toml"));
        };
        let text = std::fs::read_to_string(path).map_err(PhaseError::io(path))?;
        Self::parse(&text, path)
    }

    /// Reads a text; `path` is what it is called in errors.
    pub fn parse(text: &str, path: &Path) -> Result<Self, PhaseError> {
        let wrong = |what: String| PhaseError::Recipe {
            path: PathBuf::from(path),
            what,
        };
        let recipe: Self = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
        if recipe.sizes.is_empty() {
            return Err(wrong("it has no size; add a table `sizes.NAME`".to_owned()));
        }
        if recipe.export.formats.is_empty() {
            return Err(wrong(
                "it has no format; name one in `export.formats`, such as \"q8_0\"".to_owned(),
            ));
        }
        for name in recipe.sizes.keys() {
            let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
            if name.is_empty() || !name.chars().all(plain) {
                return Err(wrong(format!(
                    "the size `{name}` is part of file names; use letters, digits and hyphens"
                )));
            }
            recipe.settings(name, recipe.tokenizer.tokens)?.check()?;
        }
        Ok(recipe)
    }

    /// What the training of a size is told, with a vocabulary of so many tokens.
    pub fn settings(&self, size: &str, vocabulary: usize) -> Result<Settings, PhaseError> {
        let Some(of) = self.sizes.get(size) else {
            let known: Vec<&str> = self.sizes.keys().map(String::as_str).collect();
            return Err(PhaseError::Size {
                name: size.to_owned(),
                known: known.join(", "),
            });
        };
        let shape = Shape {
            layers: of.layers,
            width: of.width,
            heads: of.heads,
            kv_heads: of.kv_heads,
            feed_forward: of.feed_forward,
            vocabulary,
            context: self.training.context_tokens,
            rope_theta: ROPE_THETA,
            norm_epsilon: NORM_EPSILON,
        };
        Ok(Settings {
            shape,
            seed: self.training.seed,
            steps: of.steps,
            warmup_steps: of.warmup_steps,
            decay_steps: of.decay_steps,
            rate: of.rate,
            optimiser: self.training.optimiser,
            weight_decay: self.training.weight_decay,
            clip_norm: self.training.clip_norm,
            batch_tokens: self.training.batch_tokens,
            pass_tokens: self.training.pass_tokens,
            precision: self.training.precision,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Size;

    #[test]
    fn the_recipe_of_this_project_has_the_sizes_that_are_named() {
        let recipe = Recipe::open(None).expect("is usable");
        assert_eq!(recipe.sizes.len(), Size::ALL.len());
        for size in Size::ALL {
            let settings = recipe
                .settings(size.name(), recipe.tokenizer.tokens)
                .expect("is there");
            let shape = size.shape(recipe.tokenizer.tokens, recipe.training.context_tokens);
            assert_eq!(settings.shape, shape, "{}", size.name());
        }
        let told = recipe.settings("nano-x", 4096).expect_err("refused").to_string();
        assert!(told.contains("nano-l, nano-m, nano-s"), "{told}");
    }

    #[test]
    fn what_is_wrong_with_a_recipe_is_told() {
        let change = |from: &str, to: &str| {
            assert!(Recipe::NANO.contains(from), "{from}");
            let text = Recipe::NANO.replace(from, to);
            let error = Recipe::parse(&text, Path::new("own.toml")).expect_err("refused");
            error.to_string()
        };
        assert!(change("[data]", "[data]\nseeed = 1").contains("unknown field `seeed`"));
        assert!(change("kv_heads = 4", "kv_heads = 3").contains("kv_heads"));
        assert!(change("[sizes.nano-s]", "[sizes.\"../s\"]").contains("part of file names"));
        assert!(change("clip_norm = 1.0", "clip_norm = -1.0").contains("clip_norm"));
    }
}
