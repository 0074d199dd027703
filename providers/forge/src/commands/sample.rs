//! `gyre-forge sample`.

use std::hash::{BuildHasher, RandomState};

use anyhow::Result;
use console::style;
use gyre_forge::data::{DataRecipe, Document, Example, generate};
use gyre_forge::phases::Recipe;
use gyre_forge::render::Renderer;

use crate::cli::SampleArgs;

/// Examples that are looked through for those that are wanted.
const LOOKED_AT_MAX: u64 = 100_000;

pub(crate) fn sample(args: &SampleArgs) -> Result<()> {
    let recipe = Recipe::open(args.recipe.recipe.as_deref())?;
    let renderer = Renderer::new()?;
    let mut data = DataRecipe::train(recipe.data.seed);
    data.weights = recipe.data.weights.unwrap_or(data.weights);
    data.documents = Document::read(&recipe.data.documents)?.into();
    let many = recipe.data.train_examples.max(1) as u64;
    let first = args.from.unwrap_or_else(|| RandomState::new().hash_one(0) % many);
    let mut left = args.count;
    for example in generate(&data, first..first.saturating_add(LOOKED_AT_MAX))? {
        if left == 0 {
            break;
        }
        let example = example?;
        if args.task.is_some_and(|task| task != example.task) {
            continue;
        }
        left -= 1;
        match args.json.json {
            true => println!("{}", serde_json::to_string(&example)?),
            false => print(&renderer, &example)?,
        }
    }
    Ok(())
}

/// What the model writes is bold, on a terminal.
fn print(renderer: &Renderer, example: &Example) -> Result<()> {
    println!(
        "{}",
        style(format!("== {} {}", example.task.name(), example.id)).cyan()
    );
    let rendered = renderer.conversation(&example.tools, &example.messages)?;
    for piece in rendered.pieces {
        match piece.target {
            true => print!("{}", style(piece.text).bold().green()),
            false => print!("{}", piece.text),
        }
    }
    println!();
    Ok(())
}
