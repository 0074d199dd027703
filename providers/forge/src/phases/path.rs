//! The phases in their order.

use serde::{Deserialize, Serialize};

use super::steps::{self, Making};
use super::{Done, PhaseError};

/// A phase by its name on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// Examples to learn from.
    Data,
    /// The tokenizer.
    Tokenizer,
    /// Examples as tokens.
    Tokens,
    /// The weights of each size.
    Train,
    /// The GGUF files of each size.
    Export,
    /// What each file is worth.
    Evaluate,
    /// A table and a plot of all.
    Report,
}

/// What of a recipe is made.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// These sizes; all where none is named.
    pub sizes: Vec<String>,
    /// Up to this phase; all of them where none is named.
    pub until: Option<Step>,
}

/// Makes what was chosen, and tells what is done, in order.
pub fn run(making: &Making<'_>, choice: &Choice) -> Result<Vec<Done>, PhaseError> {
    let recipe = making.recipe;
    let until = choice.until.unwrap_or(Step::Report);
    let sizes: Vec<&str> = match choice.sizes.is_empty() {
        true => recipe.sizes.keys().map(String::as_str).collect(),
        false => choice.sizes.iter().map(String::as_str).collect(),
    };
    for size in &sizes {
        // A size that is not there is told before hours of work.
        recipe.settings(size, recipe.tokenizer.tokens)?;
    }
    let data = steps::data(making)?;
    let mut done = vec![data.clone()];
    if until < Step::Tokenizer {
        return Ok(done);
    }
    making.go_on()?;
    let tokenizer = steps::tokenizer(making, &data)?;
    done.push(tokenizer.clone());
    if until < Step::Tokens {
        return Ok(done);
    }
    making.go_on()?;
    let tokens = steps::tokens(making, &data, &tokenizer)?;
    done.push(tokens.clone());
    let mut measured = Vec::new();
    for size in sizes.iter().filter(|_| until >= Step::Train) {
        making.go_on()?;
        let trained = steps::train(making, size, &tokenizer, &tokens)?;
        done.push(trained.clone());
        for format in recipe.export.formats.iter().filter(|_| until >= Step::Export) {
            making.go_on()?;
            let exported = steps::export(making, (size, *format), &tokenizer, &trained)?;
            done.push(exported.clone());
            if until >= Step::Evaluate {
                measured.push(steps::evaluate(making, (size, *format), &exported)?);
            }
        }
    }
    done.extend(measured.iter().cloned());
    if until >= Step::Report {
        done.push(steps::report(making, &measured)?);
    }
    Ok(done)
}
