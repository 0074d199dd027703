//! Builds guests, host and worker, and freezes the tools.

use crate::process;
use crate::repository::{Repository, TEST_ONLY};
use crate::tools::{self, Tools};
use crate::{tidy, wit};
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Everything that `gyre up` needs.
pub(crate) fn run(repository: &Repository) -> Result<()> {
    tidy::check_floor(repository)?;
    wit::run(repository)?;
    let mut guests = repository.wasm_cargo("build")?;
    guests.arg("--workspace");
    for component in TEST_ONLY {
        guests.args(["--exclude", component]);
    }
    process::run(&mut guests)?;
    let mut native = repository.cargo();
    // The whole workspace, as tests build it: a part of it would have other features, and be compiled twice.
    native.args(["build", "--workspace"]);
    process::run(with_libclang(&mut native))?;
    tools::freeze(repository, Tools::Shipped)
}

/// Tells bindgen where libclang is, where it would not find it by itself.
pub(crate) fn with_libclang(command: &mut Command) -> &mut Command {
    if std::env::var_os("LIBCLANG_PATH").is_none()
        && let Some(folder) = libclang_folder()
    {
        command.env("LIBCLANG_PATH", folder);
    }
    command
}

/// The folder that has libclang, newest first.
pub(crate) fn libclang_folder() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("LIBCLANG_PATH") {
        return Some(PathBuf::from(folder)).filter(|folder| holds_libclang(folder));
    }
    let mut folders = Vec::new();
    for (parent, inner) in [
        ("/usr/lib", "lib"),
        ("/opt/homebrew/opt", "lib"),
        ("/usr/lib", ""),
    ] {
        let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
        folders.extend(entries.map(|entry| entry.path().join(inner)));
    }
    folders.extend(
        [
            "/usr/lib",
            "/usr/lib64",
            "/Library/Developer/CommandLineTools/usr/lib",
        ]
        .map(PathBuf::from),
    );
    folders.sort();
    folders.into_iter().rev().find(|folder| holds_libclang(folder))
}

fn holds_libclang(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        // Not libclang-cpp, which is another library.
        let stem = name.strip_prefix("libclang").unwrap_or_default();
        (stem.starts_with(".so") || stem.starts_with(".dylib"))
            || (stem.starts_with('-') && stem.contains(".so") && !stem.starts_with("-cpp"))
    })
}

#[cfg(test)]
mod tests {
    use super::holds_libclang;

    #[test]
    fn knows_libclang_by_its_names() {
        for (name, expected) in [
            ("libclang.so", true),
            ("libclang.so.1", true),
            ("libclang-14.so.1", true),
            ("libclang.dylib", true),
            ("libclang-cpp.so.14", false),
            ("libclangBasic.a", false),
        ] {
            let folder = tempfile::tempdir().expect("a temporary folder");
            std::fs::write(folder.path().join(name), "").expect("a file");
            assert_eq!(holds_libclang(folder.path()), expected, "{name}");
        }
    }
}
