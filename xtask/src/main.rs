//! Builds, checks and starts Gyre: `cargo xtask <verb>`.

mod bench;
mod build;
mod conformance;
mod exit;
mod fuzz;
mod process;
mod repository;
mod setup;
mod test;
mod tidy;
mod tools;
mod up;
mod wit;

use clap::{Parser, Subcommand};
use repository::Repository;
use std::process::ExitCode;

/// Builds, checks and starts Gyre.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Install what a build needs and fetch the default embedding model.
    Setup(setup::Options),
    /// Write third-party WIT from the pinned crates to wit/deps.
    Wit,
    /// Build every component, the host and the engine worker, and freeze the tools.
    Build,
    /// Set up, build, install, start, and ingest this repository's own documents.
    Up(up::Options),
    /// Run everything that CI runs.
    Test(test::Options),
    /// Run the cases on our host and on a stock Spin, and print the table of differences.
    Conformance(conformance::Options),
    /// Measure a release build; results and plots go to target/bench.
    Bench(bench::Options),
    /// Fuzz what reads bytes from elsewhere, for a bounded time.
    Fuzz(fuzz::Options),
    /// Check what reviews forget: names, grants, documents, licences.
    Tidy,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = Repository::find().and_then(|repository| match arguments.verb {
        Verb::Setup(options) => setup::run(&repository, &options),
        Verb::Wit => wit::run(&repository).map(|()| exit::OK),
        Verb::Build => build::run(&repository).map(|()| exit::OK),
        Verb::Up(options) => up::run(&repository, &options),
        Verb::Test(options) => test::run(&repository, &options),
        Verb::Conformance(options) => conformance::run(&repository, &options).map(|()| exit::OK),
        Verb::Bench(options) => bench::run(&repository, &options).map(|()| exit::OK),
        Verb::Fuzz(options) => fuzz::run(&repository, &options),
        Verb::Tidy => tidy::run(&repository),
    });
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(exit::FAILED)
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        super::Arguments::command().debug_assert();
    }
}
