//! Fuzzes what reads bytes from elsewhere, for a bounded time. The compiler is the stable one: its pass for coverage is
//! asked for by options, and libFuzzer is linked as a library. No sanitizer, which safe code has little use for.

use crate::repository::Repository;
use crate::{exit, process};
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;

const TARGETS: [&str; 3] = ["calls", "gguf", "replies"];
/// What cargo-fuzz asks for too: libFuzzer sees each edge and what is compared there.
const COVERAGE: &str = "-Cpasses=sancov-module -Ccodegen-units=1 -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing";
const MANIFEST: &str = "fuzz/Cargo.toml";
const INPUT_BYTES_MAX: u32 = 64 * 1024;
const MEMORY_MIB_MAX: u32 = 1024;
/// One input that takes longer is a finding.
const INPUT_S_MAX: u32 = 10;

/// How long, and what.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Seconds in all, shared by the targets.
    #[arg(long, default_value_t = SECONDS, value_parser = clap::value_parser!(u32).range(3..))]
    seconds: u32,
    /// This target only; all of them when absent.
    #[arg(long, value_parser = TARGETS)]
    target: Option<String>,
}

/// What a test of everything spends on it.
pub(crate) const SECONDS: u32 = 30;

/// Runs the verb.
pub(crate) fn run(repository: &Repository, options: &Options) -> Result<u8> {
    let only = options.target.as_deref();
    let targets = TARGETS
        .into_iter()
        .filter(|target| only.is_none_or(|only| only == *target));
    fuzz(repository, &targets.collect::<Vec<_>>(), options.seconds)?;
    Ok(exit::OK)
}

/// Builds and runs all targets, as a step of the tests.
pub(crate) fn check(repository: &Repository) -> Result<()> {
    fuzz(repository, &TARGETS, SECONDS)
}

fn fuzz(repository: &Repository, targets: &[&str], seconds: u32) -> Result<()> {
    let Some(triple) = triple(repository)? else {
        println!("not run: libFuzzer is for Linux and macOS");
        return Ok(());
    };
    let folder = repository.root.join("target/fuzz");
    let mut cargo = repository.cargo();
    // With a target named, the options are not for build scripts.
    cargo
        .args([
            "build",
            "--locked",
            "--bins",
            "--manifest-path",
            MANIFEST,
            "--target",
            &triple,
        ])
        .env("CARGO_TARGET_DIR", &folder)
        .env("RUSTFLAGS", COVERAGE);
    process::run(&mut cargo)?;
    let share = (seconds / targets.len().try_into().unwrap_or(1)).max(1);
    for target in targets {
        let program = folder.join(&triple).join("debug").join(target);
        one(&repository.root, &program, target, share)?;
    }
    Ok(())
}

/// Runs one target from its corpus; what it finds new is kept beside the build, not in the repository.
fn one(root: &Path, program: &Path, target: &str, seconds: u32) -> Result<()> {
    let found = root.join("target/fuzz/corpus").join(target);
    let failures = root.join("target/fuzz/failures");
    for folder in [&found, &failures] {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let mut command = Command::new(program);
    command
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-timeout={INPUT_S_MAX}"))
        .arg(format!("-rss_limit_mb={MEMORY_MIB_MAX}"))
        .arg(format!("-max_len={INPUT_BYTES_MAX}"))
        .arg(format!("-artifact_prefix={}/{target}-", failures.display()))
        .args(["-print_final_stats=1", "-verbosity=0"])
        .args([&found, &root.join("fuzz/corpus").join(target)]);
    println!("fuzzing {target} for {seconds} s");
    if let Err(error) = process::run(&mut command) {
        bail!(
            "{target} has a finding, kept in {}: {error}; hint: write a test of it, then mend it",
            failures.display()
        );
    }
    Ok(())
}

/// The platform built for; `None` where libFuzzer is not to be had.
fn triple(repository: &Repository) -> Result<Option<String>> {
    if !cfg!(any(target_os = "linux", target_os = "macos")) {
        return Ok(None);
    }
    let mut rustc = Command::new("rustc");
    rustc.arg("-vV").current_dir(&repository.root);
    let told = String::from_utf8(process::output(&mut rustc)?).context("rustc's version is no text")?;
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(Some(
        host.context("rustc does not say what it runs on")?.to_owned(),
    ))
}
