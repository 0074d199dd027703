//! Runs verbs of the `gyre` command line.

use crate::artefacts;
use anyhow::{Context, Result};
use serde_json::Value;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

const END_WAIT: Duration = Duration::from_secs(60);

/// What a command left.
#[derive(Debug)]
pub struct Finished {
    /// Its exit code.
    pub code: i32,
    /// What it wrote to stdout.
    pub stdout: String,
    /// What it wrote to stderr.
    pub stderr: String,
}

impl Finished {
    /// Its stdout as one JSON value.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.stdout).with_context(|| format!("not one JSON value: {self:?}"))
    }
}

/// Runs `gyre` in a folder until it ends.
pub async fn gyre(folder: &Path, arguments: &[&str]) -> Result<Finished> {
    let run = Command::new(artefacts::host()?)
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(END_WAIT, run)
        .await
        .with_context(|| format!("gyre {arguments:?} did not end in {END_WAIT:?}"))?
        .context("cannot run gyre")?;
    Ok(Finished {
        code: output.status.code().context("gyre was killed by a signal")?,
        stdout: String::from_utf8(output.stdout).context("stdout is not UTF-8")?,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}
