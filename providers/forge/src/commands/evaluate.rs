//! `gyre-forge evaluate`.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result};
use gyre_forge::evaluate::{Measured, program, table};
use gyre_forge::phases::{Recipe, Subject, examples, measure};

use super::making::{making, of};
use crate::cli::EvaluateArgs;

pub(crate) fn evaluate(args: &EvaluateArgs) -> Result<()> {
    let recipe = Recipe::open(args.recipe.recipe.as_deref())?;
    let program = program(args.worker.worker.as_deref())?;
    let stop = AtomicBool::new(false);
    let making = making(&recipe, Path::new(""), of(&args.worker), &stop);
    let (examples, examples_hash) = examples(&making, args.split, args.task_examples_max)?;
    let hashed = gyre_forge::hash::of_file(&args.model);
    let (file_hash, file_bytes) =
        hashed.with_context(|| format!("{} cannot be read", args.model.display()))?;
    let model = args
        .model
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let measured = Measured {
        size: model.clone(),
        model,
        format: String::new(),
        file_bytes,
        file_hash,
        examples: args.split.name().to_owned(),
        examples_hash,
    };
    std::fs::create_dir_all(&args.out).with_context(|| format!("{} cannot be made", args.out.display()))?;
    let mut part = recipe.evaluation.clone();
    part.split = args.split;
    let subject = Subject {
        program: &program,
        file: &args.model,
        stop: &stop,
    };
    let summary = measure(&subject, measured, &examples, &part, &args.out)?;
    match args.json.json {
        true => println!("{}", serde_json::to_string_pretty(&summary)?),
        false => println!("{}", table(&[summary])),
    }
    Ok(())
}
