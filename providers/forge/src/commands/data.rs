//! `gyre-forge data`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use anyhow::Result;
use gyre_forge::phases::{Choice, Recipe, Step, run as make};
use gyre_forge::tokens::Lines;
use serde_json::json;

use super::making::making;
use crate::cli::DataArgs;

pub(crate) fn data(args: &DataArgs) -> Result<()> {
    let recipe = Recipe::open(args.recipe.recipe.as_deref())?;
    let stop = AtomicBool::new(false);
    let making = making(&recipe, &args.work.work, (None, Path::new("")), &stop);
    let choice = Choice {
        sizes: Vec::new(),
        until: Some(Step::Data),
    };
    let done = make(&making, &choice)?;
    for one in &done {
        for made in &one.files {
            let counts = counted(&one.file(&made.name))?;
            if args.json.json {
                println!("{}", json!({ "file": one.file(&made.name), "tasks": counts }));
                continue;
            }
            println!("{}", one.file(&made.name).display());
            for (task, count) in counts {
                println!("  {task:<10} {count:>8}");
            }
        }
    }
    Ok(())
}

fn counted(path: &Path) -> Result<BTreeMap<&'static str, usize>> {
    let mut lines = Lines::open(path)?;
    let mut counts = BTreeMap::new();
    loop {
        let bunch = lines.bunch()?;
        if bunch.is_empty() {
            return Ok(counts);
        }
        for line in &bunch {
            *counts.entry(lines.example(line)?.task.name()).or_default() += 1;
        }
    }
}
