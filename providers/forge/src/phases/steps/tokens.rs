//! Token files out of the data and the tokenizer.

use std::path::Path;

use serde_json::json;

use super::{Making, TOKENIZER, TRAIN, TRAIN_TOKENS, WATCHED, WATCHED_TOKENS};
use crate::hash;
use crate::phases::phase::Output;
use crate::phases::{Done, Phase, PhaseError};
use crate::progress;
use crate::render::{Renderer, TEMPLATE};
use crate::tokenizer::Vocabulary;
use crate::tokens::{self, About, Written};

const REVISION: u32 = 1;

pub(in crate::phases) fn tokens(
    making: &Making<'_>,
    data: &Done,
    tokenizer: &Done,
) -> Result<Done, PhaseError> {
    let context = making.recipe.training.context_tokens;
    let phase = Phase {
        name: "tokens",
        label: "",
        revision: REVISION,
        parameters: json!({ "context_tokens": context, "template": hash::of_bytes(TEMPLATE.as_bytes()) }),
        inputs: &[data, tokenizer],
        resumes: false,
    };
    phase.ensure(&making.work, |folder| {
        let renderer = Renderer::new()?;
        let vocabulary = Vocabulary::open(&tokenizer.file(TOKENIZER))?;
        let part = &making.recipe.data;
        let written = |from: &str, to: &str, count: usize| -> Result<Written, PhaseError> {
            let bar = progress::bar(count as u64, "tokens");
            let written = tokens::Making {
                renderer: &renderer,
                examples: &data.file(from),
                progress: &|count| bar.inc(count),
            }
            .tokens(
                &vocabulary,
                context,
                &about(part.seed, from, &vocabulary),
                &folder.join(to),
            )?;
            bar.finish_and_clear();
            Ok(written)
        };
        let train = written(TRAIN, TRAIN_TOKENS, part.train_examples)?;
        let watched = written(WATCHED, WATCHED_TOKENS, part.watch_examples)?;
        Ok(Output {
            files: vec![TRAIN_TOKENS.to_owned(), WATCHED_TOKENS.to_owned()],
            told: json!({ "train": train, "watch": watched }),
        })
    })
}

fn about(seed: u64, file: &str, vocabulary: &Vocabulary) -> About {
    let split = Path::new(file).file_stem().unwrap_or_default();
    About {
        tokenizer: vocabulary.hash().to_owned(),
        split: split.to_string_lossy().into_owned(),
        seed,
    }
}
