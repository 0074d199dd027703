//! What native code can do behind the wall: the program `gyre-escape` tries, these tests read its table.
#![cfg(target_os = "linux")]

use anyhow::{Context, Result, ensure};
use gyre_confine::Support;
use std::fs;
use std::process::{Command, Output};
use tempfile::TempDir;

/// Makes a test fail that would be skipped for want of a kernel.
const FORCE: &str = "GYRE_FORCE_CONFINE";

/// Whether the kernel has the whole wall; where it has not, the reason is told.
fn has_wall() -> Result<bool> {
    let missing = Support::probe().missing();
    if missing.is_empty() {
        return Ok(true);
    }
    ensure!(
        std::env::var_os(FORCE).is_none(),
        "{FORCE} is set and the kernel lacks {missing:?}"
    );
    eprintln!("ignored: the kernel lacks {missing:?}; {FORCE}=1 makes this a failure");
    Ok(false)
}

/// What the program finds: an application, a state folder, a worker, and a home with a key.
fn folder() -> Result<TempDir> {
    let folder = tempfile::tempdir()?;
    let path = folder.path();
    for part in ["app", "state", "home/.ssh"] {
        fs::create_dir_all(path.join(part))?;
    }
    fs::write(path.join("app/page"), "hello")?;
    fs::write(path.join("home/.ssh/id"), "key")?;
    fs::copy("/bin/cat", path.join("worker")).context("no /bin/cat to play the worker")?;
    Ok(folder)
}

/// Runs the program with a secret in its environment, and an open file that is not for it.
fn escape(folder: &TempDir) -> Result<Output> {
    let script = "exec 9</etc/hosts; exec \"$0\" \"$1\"";
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", script, env!("CARGO_BIN_EXE_gyre-escape")])
        .arg(folder.path());
    command
        .env("AWS_SECRET_ACCESS_KEY", "hunter2")
        .env("HF_TOKEN", "hunter2");
    command.output().context("cannot run gyre-escape")
}

#[test]
fn escaped_code_finds_nothing_and_the_host_does_its_work() -> Result<()> {
    if !has_wall()? {
        return Ok(());
    }
    let output = escape(&folder()?)?;
    let table = String::from_utf8_lossy(&output.stdout);
    println!("{table}");
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let (needed, tried): (Vec<_>, Vec<_>) = table.lines().partition(|line| line.contains("ok: "));
    ensure!(
        needed.len() == 10 && tried.len() == 43,
        "{} and {} tries",
        needed.len(),
        tried.len()
    );
    for line in needed {
        ensure!(line.starts_with("DONE"), "the host cannot do its work: {line}");
    }
    for line in tried {
        ensure!(line.starts_with("denied"), "an intruder could: {line}");
    }
    Ok(())
}

/// The same tries without the wall: those of the table are not denied for another reason.
#[test]
fn without_the_wall_the_same_is_allowed() -> Result<()> {
    let folder = folder()?;
    ensure!(fs::read(folder.path().join("home/.ssh/id")).is_ok());
    ensure!(Command::new("/bin/sh").args(["-c", "true"]).status()?.success());
    ensure!(std::net::TcpListener::bind("127.0.0.1:0").is_ok());
    ensure!(std::os::unix::net::UnixDatagram::unbound().is_ok());
    Ok(())
}
