//! The tokenizer out of the data.

use serde_json::json;

use super::{Making, TOKENIZER, TRAIN};
use crate::hash;
use crate::phases::phase::Output;
use crate::phases::{Done, Phase, PhaseError};
use crate::progress;
use crate::render::{Renderer, TEMPLATE};
use crate::tokens;

const REVISION: u32 = 1;

pub(in crate::phases) fn tokenizer(making: &Making<'_>, data: &Done) -> Result<Done, PhaseError> {
    let part = making.recipe.tokenizer;
    let phase = Phase {
        name: "tokenizer",
        label: "",
        revision: REVISION,
        parameters: json!({ "tokenizer": part, "template": hash::of_bytes(TEMPLATE.as_bytes()) }),
        inputs: &[data],
        resumes: false,
    };
    phase.ensure(&making.work, |folder| {
        let renderer = Renderer::new()?;
        let examples = part.examples_max.min(making.recipe.data.train_examples);
        let bar = progress::bar(examples as u64, "words");
        let read = tokens::Making {
            renderer: &renderer,
            examples: &data.file(TRAIN),
            progress: &|count| bar.inc(count),
        };
        let words = read.words(part.examples_max)?;
        bar.finish_and_clear();
        let learnt = words.write(part.tokens, &folder.join(TOKENIZER))?;
        Ok(Output {
            files: vec![TOKENIZER.to_owned()],
            told: json!({ "tokens": learnt.tokens, "words": learnt.words }),
        })
    })
}
