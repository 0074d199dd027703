//! `gyre-forge export`.

use anyhow::Result;
use gyre_forge::export::Export;
use gyre_forge::model::Weights;
use gyre_forge::phases::Recipe;

use crate::cli::ExportArgs;

pub(crate) fn export(args: &ExportArgs) -> Result<()> {
    let recipe = Recipe::open(args.recipe.recipe.as_deref())?;
    let weights = Weights::load(&args.weights)?;
    let export = Export {
        weights: &weights,
        tokenizer: &args.tokenizer,
        card: &recipe.card,
    };
    export.write(args.format, &args.out)?;
    println!("{}", args.out.display());
    Ok(())
}
