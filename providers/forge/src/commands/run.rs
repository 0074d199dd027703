//! `gyre-forge run`.

use anyhow::Result;
use gyre_forge::phases::{Choice, Recipe, Step, run as make};
use gyre_forge::train::stop_on_signals;

use super::making::{making, of};
use crate::cli::RunArgs;

/// The report's table, which is what most want to see.
const TABLE: &str = "table.md";

pub(crate) fn run(args: &RunArgs) -> Result<()> {
    let recipe = Recipe::open(args.recipe.recipe.as_deref())?;
    let stop = stop_on_signals()?;
    let making = making(&recipe, &args.work.work, of(&args.worker), &stop);
    let choice = Choice {
        sizes: args.sizes.clone(),
        until: args.until,
    };
    let done = make(&making, &choice)?;
    if args.json.json {
        println!("{}", serde_json::to_string_pretty(&done)?);
        return Ok(());
    }
    for one in &done {
        println!("{}: {}", one.phase, one.folder.display());
    }
    let report = done
        .last()
        .filter(|_| choice.until.unwrap_or(Step::Report) == Step::Report);
    if let Some(report) = report {
        println!("\n{}", std::fs::read_to_string(report.file(TABLE))?);
    }
    Ok(())
}
