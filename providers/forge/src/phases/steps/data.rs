//! Examples to learn from, and those to be measured by.

use serde_json::json;

use super::{Making, TRAIN, WATCHED};
use crate::data::held_out::{SETS, frozen};
use crate::data::{DataRecipe, Document, Example, Split, write_jsonl};
use crate::hash;
use crate::phases::phase::Output;
use crate::phases::{Done, Phase, PhaseError};
use crate::progress;

const REVISION: u32 = 1;

pub(in crate::phases) fn data(making: &Making<'_>) -> Result<Done, PhaseError> {
    let part = &making.recipe.data;
    let mut documents = Vec::new();
    for path in &part.documents {
        documents.push(json!([
            path,
            hash::of_file(path).map_err(PhaseError::io(path))?.0
        ]));
    }
    let phase = Phase {
        name: "data",
        label: "",
        revision: REVISION,
        parameters: json!({ "data": part, "documents": documents }),
        inputs: &[],
        resumes: false,
    };
    phase.ensure(&making.work, |folder| {
        let mut recipe = DataRecipe::train(part.seed);
        recipe.weights = part.weights.unwrap_or(recipe.weights);
        recipe.documents = Document::read(&part.documents)?.into();
        // Examples depend on their index alone: those that are watched are the next ones.
        let write = |first: usize, count: usize, name: &str| {
            let range = first as u64..(first + count) as u64;
            let bar = progress::bar(count as u64, "data");
            let written = write_jsonl(&recipe, range, &folder.join(name), &mut |done| {
                bar.set_position(done);
            });
            bar.finish_and_clear();
            written
        };
        let train = write(0, part.train_examples, TRAIN)?;
        let watched = write(part.train_examples, part.watch_examples, WATCHED)?;
        Ok(Output {
            files: vec![TRAIN.to_owned(), WATCHED.to_owned()],
            told: json!({ "train_examples": train.examples, "watch_examples": watched.examples }),
        })
    })
}

/// The held-out examples of a split, at most so many of each task, and a hash of which they are.
pub fn examples(
    making: &Making<'_>,
    split: Split,
    task_examples_max: Option<usize>,
) -> Result<(Vec<Example>, String), PhaseError> {
    let mut examples = Vec::new();
    let mut frozen_as = Vec::new();
    for set in SETS.iter().filter(|set| set.split == split) {
        let mut some = set.read(making.held_out)?;
        some.truncate(task_examples_max.unwrap_or(usize::MAX));
        examples.extend(some);
        frozen_as.push((set.file, frozen(set.file)));
    }
    let what = json!([frozen_as, task_examples_max]);
    Ok((examples, hash::of_bytes(what.to_string().as_bytes())))
}
