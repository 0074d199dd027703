//! Where things are: the checkout, cargo's bin folder, the caches.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Components that only tests compose.
pub(crate) const TEST_ONLY: [&str; 2] = ["inference-double", "tool-double"];

/// The workspace of guests that only tests run.
pub(crate) const FIXTURES: &str = "components/fixtures/Cargo.toml";
/// Name under which rustup knows the fallback toolchain.
pub(crate) const FALLBACK_TOOLCHAIN: &str = "gyre-wasm";
/// Where guests are built, wherever the user has other builds: spin.toml names the files in it.
pub(crate) const GUEST_TARGET_FOLDER: &str = "components/target";
/// What guests are built for.
pub(crate) const GUEST_TARGET: &str = "wasm32-wasip2";

/// The checkout that this program was started in.
pub(crate) struct Repository {
    pub(crate) root: PathBuf,
}

impl Repository {
    /// Finds the checkout: cargo says where xtask lies, or the working folder is its root.
    pub(crate) fn find() -> Result<Self> {
        let root = match std::env::var_os("CARGO_MANIFEST_DIR") {
            Some(folder) => Path::new(&folder).parent().map(Path::to_path_buf),
            None => std::env::current_dir().ok(),
        };
        let root = root.context("cannot tell where the repository is")?;
        if !root.join("spin.toml").is_file() {
            bail!(
                "{} has no spin.toml\nhint: run `cargo xtask` inside the repository",
                root.display()
            );
        }
        Ok(Self { root })
    }

    /// A path inside the checkout.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Where cargo leaves the programs of the native workspace.
    pub(crate) fn native_built(&self) -> PathBuf {
        match std::env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => self.root.join(folder).join("debug"),
            None => self.path("target/debug"),
        }
    }

    /// A program that runs in the checkout.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }

    /// Cargo on the native workspace.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = Command::new("cargo");
        // `cargo run` names the package it runs; a nested cargo must not see that.
        command
            .current_dir(&self.root)
            .env_remove("CARGO_MANIFEST_DIR")
            .env_remove("CARGO_PKG_NAME");
        command
    }

    /// Cargo on the guest workspace for this machine, where pure modules are tested.
    pub(crate) fn guest_cargo(&self, verb: &str) -> Command {
        let mut command = self.cargo();
        command.args([verb, "--manifest-path", "components/Cargo.toml"]);
        command.env("CARGO_TARGET_DIR", self.path(GUEST_TARGET_FOLDER));
        command
    }

    /// Cargo on the guest workspace for [`GUEST_TARGET`], by the toolchain that has it.
    pub(crate) fn wasm_cargo(&self, verb: &str) -> Result<Command> {
        self.wasm_cargo_on("components/Cargo.toml", verb)
    }

    /// The same on the fixtures, which only tests run.
    pub(crate) fn fixture_cargo(&self, verb: &str) -> Result<Command> {
        self.wasm_cargo_on(FIXTURES, verb)
    }

    fn wasm_cargo_on(&self, manifest: &str, verb: &str) -> Result<Command> {
        let mut command = self.cargo();
        if !target_installed()? {
            command.arg(format!("+{FALLBACK_TOOLCHAIN}"));
        }
        command.args([verb, "--manifest-path", manifest, "--target", GUEST_TARGET]);
        command.env("CARGO_TARGET_DIR", self.path(GUEST_TARGET_FOLDER));
        Ok(command)
    }
}

/// Whether the toolchain in use has the standard library of [`GUEST_TARGET`].
pub(crate) fn target_installed() -> Result<bool> {
    let sysroot = crate::process::output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let sysroot = String::from_utf8(sysroot).context("the sysroot's path is not UTF-8")?;
    Ok(has_guest_target(Path::new(sysroot.trim())))
}

/// Whether a sysroot has the standard library of [`GUEST_TARGET`].
pub(crate) fn has_guest_target(sysroot: &Path) -> bool {
    let library = sysroot.join("lib/rustlib").join(GUEST_TARGET).join("lib");
    let entries = std::fs::read_dir(library).into_iter().flatten().flatten();
    entries
        .into_iter()
        .any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
}

/// The folder of Gyre's own caches.
pub(crate) fn cache() -> Result<PathBuf> {
    // By the XDG rules a relative path does not count; `gyre up` reads it the same way.
    let base = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|folder| folder.is_absolute());
    Ok(base
        .map_or_else(|| home().map(|home| home.join(".cache")), Ok)?
        .join("gyre"))
}

/// The folder with model files, the same that `gyre up` reads.
pub(crate) fn models() -> Result<PathBuf> {
    match std::env::var_os("GYRE_MODELS").filter(|value| !value.is_empty()) {
        Some(folder) => Ok(PathBuf::from(folder)),
        None => Ok(cache()?.join("models")),
    }
}

/// The folder that `cargo install` would put programs in.
pub(crate) fn cargo_bin() -> Result<PathBuf> {
    let root = ["CARGO_INSTALL_ROOT", "CARGO_HOME"]
        .into_iter()
        .find_map(|name| std::env::var_os(name).filter(|value| !value.is_empty()));
    match root {
        Some(folder) => Ok(PathBuf::from(folder).join("bin")),
        None => Ok(home()?.join(".cargo/bin")),
    }
}

fn home() -> Result<PathBuf> {
    std::env::home_dir().context("no home folder\nhint: set HOME")
}
