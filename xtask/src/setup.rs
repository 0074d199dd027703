//! Checks what a build needs and installs what is missing, one line a thing with the reason.

mod model;
mod onnxruntime;
mod own;
mod packages;
mod servers;
mod toolchain;

use crate::exit;
use crate::process;
use crate::repository::Repository;
use anyhow::Result;
use packages::Need;
use std::io::{BufRead, IsTerminal, Write};
use std::process::Command;

/// How to set up.
#[derive(clap::Args)]
#[group(id = "setup")]
pub(crate) struct Options {
    /// Install without asking. Nothing is asked either when stdin is no terminal.
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Also install the servers that tests start: Redis and PostgreSQL. A build needs neither.
    #[arg(long)]
    pub(crate) tests: bool,
    /// Also fetch the library of ONNX Runtime, which runs ONNX models; `--tests` tries to.
    #[arg(long)]
    pub(crate) onnx: bool,
}

/// Whether a build can go on.
pub(crate) enum Installed {
    /// All is there.
    Yes,
    /// Something is missing, which stderr names with the commands to run.
    No,
}

/// Sets up and returns the exit code.
pub(crate) fn run(repository: &Repository, options: &Options) -> Result<u8> {
    if let Installed::No = install(options)? {
        return Ok(exit::NOT_PERMITTED);
    }
    if let Installed::No = toolchain::ensure(repository)? {
        return Ok(exit::NOT_PERMITTED);
    }
    own::ensure(repository)?;
    model::ensure(repository)?;
    match (options.onnx, options.tests) {
        (true, _) => onnxruntime::ensure(repository)?,
        (false, true) => onnxruntime::try_to(repository),
        (false, false) => {}
    }
    Ok(exit::OK)
}

/// Makes sure of the native programs and libraries.
fn install(options: &Options) -> Result<Installed> {
    let mut needs = needs();
    if options.tests {
        needs.extend(servers::needs());
    }
    let missing: Vec<Need> = needs.into_iter().filter(|need| !need.present).collect();
    if missing.is_empty() {
        return Ok(Installed::Yes);
    }
    for need in &missing {
        println!("setup: {} is missing: {}", need.name, need.reason);
    }
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    if !options.yes && std::io::stdin().is_terminal() && !agreed(&packages)? {
        packages::print_commands(&packages);
        return Ok(Installed::No);
    }
    packages::install(&packages)
}

fn needs() -> Vec<Need> {
    let runs = |program: &str| process::succeeds(Command::new(program).arg("--version"));
    vec![
        Need {
            name: "cmake",
            package: "cmake",
            reason: "it builds llama.cpp, the engine's C++ part",
            present: runs("cmake"),
        },
        Need {
            name: "make or ninja",
            package: "make",
            reason: "cmake drives the C++ compiler through it",
            present: runs("make") || runs("ninja"),
        },
        Need {
            name: "a C++ compiler",
            package: "g++",
            reason: "llama.cpp is written in C++",
            present: runs("c++"),
        },
        Need {
            name: "libclang",
            package: "libclang-dev",
            reason: "the Rust bindings of llama.cpp are generated with it",
            present: crate::build::libclang_folder().is_some(),
        },
    ]
}

fn agreed(packages: &[&str]) -> Result<bool> {
    print!("Install {} now? [Y/n] ", packages.join(" "));
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(
        answer.trim().to_ascii_lowercase().as_str(),
        "" | "y" | "yes"
    ))
}
