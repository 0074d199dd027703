//! The compiler for guests: rustup's target, or a toolchain made from Debian's packages.

use super::Installed;
use crate::process;
use crate::repository::{
    FALLBACK_TOOLCHAIN, GUEST_TARGET, Repository, cache, has_guest_target, target_installed,
};
use anyhow::{Context, Result};
use std::process::Command;

/// Makes sure that guests can be built.
pub(super) fn ensure(repository: &Repository) -> Result<Installed> {
    let fallback = cache()?.join("toolchain");
    if target_installed()? || has_guest_target(&fallback) {
        return Ok(Installed::Yes);
    }
    println!("setup: target {GUEST_TARGET} is missing: components are compiled for it");
    if process::succeeds(Command::new("rustup").args(["target", "add", GUEST_TARGET])) && target_installed()?
    {
        println!("setup: added by rustup");
        return Ok(Installed::Yes);
    }
    println!(
        "setup: rustup cannot add it; building its standard library from Debian's packages (about a minute)"
    );
    let mut script = Command::new("bash");
    script
        .arg(repository.path("xtask/fallback-toolchain.sh"))
        .arg(&fallback)
        .arg(FALLBACK_TOOLCHAIN);
    let made = process::run(&mut script);
    if made.is_ok() && has_guest_target(&fallback) {
        println!(
            "setup: toolchain {FALLBACK_TOOLCHAIN} is in {}",
            fallback.display()
        );
        return Ok(Installed::Yes);
    }
    // Half a toolchain would be taken for a whole one by the next call.
    if fallback.exists() {
        std::fs::remove_dir_all(&fallback)
            .with_context(|| format!("cannot remove {}", fallback.display()))?;
    }
    if let Err(error) = made {
        eprintln!("setup: {error:#}");
    }
    eprintln!("hint: run one of these, then start again:");
    eprintln!("    rustup target add {GUEST_TARGET}");
    eprintln!(
        "    sudo bash xtask/fallback-toolchain.sh {} {FALLBACK_TOOLCHAIN}",
        fallback.display()
    );
    Ok(Installed::No)
}
