//! `gyre-forge`: makes the model gyre-nano, step by step or all at once.

mod cli;
mod commands;

use std::process::ExitCode;

use clap::Parser;
use gyre_forge::phases::PhaseError;

use cli::{Cli, Verb};

/// What shells tell of a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    let result = match Cli::parse().verb {
        Verb::Run(args) => commands::run::run(&args),
        Verb::Data(args) => commands::data::data(&args),
        Verb::Sample(args) => commands::sample::sample(&args),
        Verb::Export(args) => commands::export::export(&args),
        Verb::Evaluate(args) => commands::evaluate::evaluate(&args),
        Verb::Status(args) => commands::status::status(&args),
    };
    let Err(error) = result else {
        return ExitCode::SUCCESS;
    };
    eprintln!("gyre-forge: {error:#}");
    match error.downcast_ref::<PhaseError>() {
        Some(PhaseError::Stopped { .. } | PhaseError::Interrupted) => INTERRUPTED.into(),
        _ => ExitCode::FAILURE,
    }
}
