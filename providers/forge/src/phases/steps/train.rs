//! Weights out of token files.

use serde_json::json;

use super::{Making, TOKENIZER, TRAIN_TOKENS, WATCHED_TOKENS, WEIGHTS};
use crate::model::Llama;
use crate::phases::phase::Output;
use crate::phases::{Done, Phase, PhaseError};
use crate::tokenizer::Vocabulary;
use crate::train::{Run, Tokens, train as run};

const REVISION: u32 = 1;
const LOG: &str = "train.jsonl";
const PLOT: &str = "loss.svg";

pub(in crate::phases) fn train(
    making: &Making<'_>,
    size: &str,
    tokenizer: &Done,
    tokens: &Done,
) -> Result<Done, PhaseError> {
    let vocabulary = Vocabulary::open(&tokenizer.file(TOKENIZER))?;
    let settings = making.recipe.settings(size, vocabulary.len())?;
    let phase = Phase {
        name: "train",
        label: size,
        revision: REVISION,
        // What is done beside training does not change what comes out.
        parameters: json!({ "settings": settings }),
        inputs: &[tokens],
        resumes: true,
    };
    phase.ensure(&making.work, |folder| {
        let learnt = Tokens::load(&tokens.file(TRAIN_TOKENS))?;
        let watched = Tokens::load(&tokens.file(WATCHED_TOKENS))?;
        let mut engine = Llama::new(&settings.shape, settings.pass_tokens_max(), settings.precision)?;
        let what = Run {
            settings: &settings,
            upkeep: &making.recipe.training.upkeep,
            tokens: &learnt,
            dev: Some(&watched),
            folder,
            from: None,
        };
        let outcome = run(what, &mut engine, (making.watch)().as_mut(), making.stop)?;
        if !outcome.finished {
            return Err(PhaseError::Stopped { step: outcome.steps });
        }
        Ok(Output {
            files: vec![WEIGHTS.to_owned(), LOG.to_owned(), PLOT.to_owned()],
            told: json!({
                "steps": outcome.steps,
                "tokens": outcome.tokens,
                "loss": outcome.loss,
                "watched_loss": outcome.dev_loss,
                "parameters": settings.shape.parameters(),
            }),
        })
    })
}
