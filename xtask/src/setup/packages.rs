//! The system's package manager.

use super::Installed;
use crate::process;
use anyhow::Result;
use std::process::Command;

/// Something a build needs from the system.
pub(super) struct Need {
    /// What a user calls it.
    pub(super) name: &'static str,
    /// The Debian package that has it.
    pub(super) package: &'static str,
    /// What it is for.
    pub(super) reason: &'static str,
    /// Whether it is there.
    pub(super) present: bool,
}

/// Installs Debian packages as root or through sudo without a password; else says what to run.
pub(super) fn install(packages: &[&str]) -> Result<Installed> {
    let Some(prefix) = privileges() else {
        print_commands(packages);
        return Ok(Installed::No);
    };
    println!("setup: installing {} with apt-get", packages.join(" "));
    let mut install: Vec<&str> = vec!["install", "--yes", "--no-install-recommends"];
    install.extend(packages);
    // The package lists may be there already; fetching them is slow, so it comes second.
    if process::run(&mut apt_get(&prefix, &install)).is_ok() {
        return Ok(Installed::Yes);
    }
    println!("setup: fetching apt's package lists, then once more");
    let updated = process::run(&mut apt_get(&prefix, &["update"]));
    if let Err(error) = updated.and_then(|()| process::run(&mut apt_get(&prefix, &install))) {
        eprintln!("setup: {error:#}");
        print_commands(packages);
        return Ok(Installed::No);
    }
    Ok(Installed::Yes)
}

/// Writes the commands that a user with rights has to run.
pub(super) fn print_commands(packages: &[&str]) {
    let packages = packages.join(" ");
    eprintln!("hint: on Debian or Ubuntu run, then start again:");
    eprintln!("    sudo apt-get update && sudo apt-get install --yes {packages}");
    eprintln!("hint: elsewhere install the same things with your package manager: {packages}");
}

/// The words before `apt-get`, if this user may use it.
fn privileges() -> Option<Vec<&'static str>> {
    process::find("apt-get")?;
    let user = process::output(Command::new("id").arg("-u")).ok()?;
    if user.trim_ascii() == b"0" {
        return Some(Vec::new());
    }
    process::succeeds(Command::new("sudo").args(["-n", "true"])).then(|| vec!["sudo", "-n"])
}

fn apt_get(prefix: &[&str], arguments: &[&str]) -> Command {
    let words: Vec<&str> = prefix
        .iter()
        .copied()
        .chain(["env", "DEBIAN_FRONTEND=noninteractive"])
        .collect();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).arg("apt-get").args(arguments);
    command
}
