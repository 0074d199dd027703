//! Everything that CI runs, in order: cheap checks first.

mod tally;

use crate::repository::{FIXTURES, Repository};
use crate::tools::{self, Tools};
use crate::{build, exit, fuzz, process, tidy, wit};
use anyhow::Result;
use std::process::Command;
use std::time::Instant;
use tally::Tally;

/// What to run.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Skip what takes minutes: everything that compiles the host, and the integration tests.
    #[arg(long)]
    fast: bool,
}

/// One named check.
struct Step {
    name: &'static str,
    cost: Cost,
    check: fn(&Repository, &mut Tally) -> Result<()>,
}

#[derive(PartialEq)]
enum Cost {
    /// Seconds.
    Low,
    /// Minutes on a small machine.
    High,
    /// Seconds, and later steps mean nothing when it fails.
    Gate,
}

const STEPS: [Step; 19] = [
    Step {
        name: "tidy",
        cost: Cost::Low,
        check: |repository, _| tidy::check(repository),
    },
    Step {
        name: "fmt, native",
        cost: Cost::Low,
        check: |r, _| fmt(r.cargo().arg("fmt")),
    },
    Step {
        name: "fmt, guests",
        cost: Cost::Low,
        check: |r, _| fmt(&mut r.guest_cargo("fmt")),
    },
    Step {
        name: "fmt, fixtures",
        cost: Cost::Low,
        check: |r, _| fmt(r.cargo().args(["fmt", "--manifest-path", FIXTURES])),
    },
    Step {
        name: "wit",
        cost: Cost::Gate,
        check: |repository, _| wit::run(repository),
    },
    Step {
        name: "licences and sources",
        cost: Cost::Low,
        check: |r, _| tidy::check_dependencies(r),
    },
    Step {
        name: "cargo deny",
        cost: Cost::Low,
        check: deny,
    },
    Step {
        name: "build guests",
        cost: Cost::Gate,
        check: |r, _| process::run(r.wasm_cargo("build")?.arg("--workspace")),
    },
    Step {
        name: "build fixtures",
        cost: Cost::Gate,
        check: |r, _| process::run(r.fixture_cargo("build")?.arg("--workspace")),
    },
    Step {
        name: "leaves",
        cost: Cost::Low,
        check: |repository, _| tidy::check_leaves(repository),
    },
    Step {
        name: "clippy, guests as Wasm",
        cost: Cost::Low,
        check: |r, _| clippy(r.wasm_cargo("clippy")?.arg("--workspace")),
    },
    Step {
        name: "clippy, fixtures",
        cost: Cost::Low,
        check: |r, _| clippy(r.fixture_cargo("clippy")?.arg("--workspace")),
    },
    Step {
        name: "clippy, guests and their tests",
        cost: Cost::Low,
        check: |r, _| clippy(r.guest_cargo("clippy").args(["--workspace", "--all-targets"])),
    },
    Step {
        name: "test guests",
        cost: Cost::Low,
        check: |r, tally| tally.run(r.guest_cargo("test").args(["--workspace", "--no-fail-fast"])),
    },
    Step {
        name: "build native",
        cost: Cost::High,
        check: |r, _| build::run(r),
    },
    Step {
        name: "freeze the tools of tests",
        cost: Cost::High,
        check: |r, _| tools::freeze(r, Tools::All),
    },
    Step {
        name: "clippy, native",
        cost: Cost::High,
        check: clippy_native,
    },
    Step {
        name: "test native, and the whole path",
        cost: Cost::High,
        check: test_native,
    },
    Step {
        name: "fuzz",
        cost: Cost::High,
        check: |repository, _| fuzz::check(repository),
    },
];

/// Runs the steps and returns the exit code; the last line says how many tests passed and failed.
pub(crate) fn run(repository: &Repository, options: &Options) -> Result<u8> {
    let started = Instant::now();
    let mut tally = Tally::default();
    let mut failed = Vec::new();
    for step in STEPS {
        if options.fast && step.cost == Cost::High {
            println!("==> {}: skipped, --fast", step.name);
            continue;
        }
        println!("==> {}", step.name);
        let begun = Instant::now();
        let counted = tally.failed;
        let outcome = (step.check)(repository, &mut tally);
        let seconds = begun.elapsed().as_secs_f32();
        let Err(error) = outcome else {
            println!("==> {}: ok, {seconds:.1} s", step.name);
            continue;
        };
        println!("==> {}: FAILED, {seconds:.1} s: {error:#}", step.name);
        failed.push(step.name);
        // A step that is no test, or does not compile, counts as one failure.
        tally.failed += u32::from(tally.failed == counted);
        if step.cost == Cost::Gate {
            println!("==> the rest is not run, it needs this step");
            break;
        }
    }
    println!(
        "==> {} s in all; steps failed: {}",
        started.elapsed().as_secs(),
        list(&failed)
    );
    println!("{tally}");
    Ok(if failed.is_empty() { exit::OK } else { exit::FAILED })
}

fn list(names: &[&str]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join("; ")
    }
}

fn fmt(cargo: &mut Command) -> Result<()> {
    process::run(cargo.args(["--all", "--check"]))
}

fn clippy(cargo: &mut Command) -> Result<()> {
    process::run(cargo.args(["--", "--deny", "warnings"]))
}

fn clippy_native(repository: &Repository, _: &mut Tally) -> Result<()> {
    let mut cargo = repository.cargo();
    cargo.args(["clippy", "--workspace", "--all-targets"]);
    clippy(build::with_libclang(&mut cargo))
}

fn test_native(repository: &Repository, tally: &mut Tally) -> Result<()> {
    let mut cargo = repository.cargo();
    cargo.args(["test", "--workspace", "--no-fail-fast"]);
    tally.run(build::with_libclang(&mut cargo))
}

/// cargo-deny takes minutes to compile, so it is used where it is; `licences and sources` is the floor.
fn deny(repository: &Repository, _: &mut Tally) -> Result<()> {
    if process::find("cargo-deny").is_none() {
        println!("not run: cargo-deny is not installed (`cargo install --locked cargo-deny`)");
        return Ok(());
    }
    // It finds deny.toml in the folder it runs in, the repository's.
    for manifest in ["Cargo.toml", "components/Cargo.toml"] {
        let mut cargo = repository.cargo();
        cargo.args([
            "deny",
            "--all-features",
            "--log-level",
            "error",
            "--manifest-path",
            manifest,
        ]);
        process::run(cargo.args(["check", "--hide-inclusion-graph", "bans", "licenses", "sources"]))?;
    }
    Ok(())
}
