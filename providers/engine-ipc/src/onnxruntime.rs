//! Where the library of ONNX Runtime is on this machine.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// Names the library where it lies elsewhere.
pub const VARIABLE: &str = "GYRE_ONNXRUNTIME";
/// Names of the library begin so; a version may follow.
const LIBRARY: &str = if cfg!(target_os = "macos") {
    "libonnxruntime."
} else {
    "libonnxruntime.so"
};
/// The folder of `cargo xtask setup --onnx` below Gyre's own cache.
pub const CACHE_FOLDER: &str = "gyre/onnxruntime";
/// The folder of the library in Python's package.
const PACKAGE: &str = "onnxruntime/capi";
/// Entries of a folder that are looked at.
const ENTRIES_MAX: usize = 4096;

/// The library that [`VARIABLE`] names, else that of `cargo xtask setup --onnx`, of a Python environment or of the
/// system.
#[must_use]
pub fn find() -> Option<PathBuf> {
    find_by(&|name| std::env::var_os(name).filter(|value| !value.is_empty()))
}

fn find_by(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    if let Some(path) = variable(VARIABLE) {
        // Said is said: a wrong path is told when a model needs the library, not passed over.
        return Some(std::path::absolute(&path).unwrap_or_else(|_| path.into()));
    }
    let absolute = |name: &str| {
        variable(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let home = absolute("HOME");
    let below_home = |folder: &str| home.as_ref().map(|home| home.join(folder));
    let cache = absolute("XDG_CACHE_HOME").or_else(|| below_home(".cache"));
    let folders = cache.map(|cache| cache.join(CACHE_FOLDER));
    let pythons = [
        absolute("VIRTUAL_ENV").map(|environment| environment.join("lib")),
        below_home(".local/lib"),
        Some("/usr/local/lib".into()),
        Some("/usr/lib".into()),
    ];
    folders
        .into_iter()
        .chain(pythons.iter().flatten().flat_map(|folder| packages(folder)))
        .chain(pythons.iter().flatten().cloned())
        .find_map(|folder| library_in(&folder))
}

/// The package's folder in each Python below a `lib` folder.
fn packages(lib: &Path) -> Vec<PathBuf> {
    let mut pythons: Vec<PathBuf> = entries(lib)
        .into_iter()
        .filter(|path| begins(path, "python3"))
        .collect();
    pythons.sort();
    pythons
        .iter()
        .flat_map(|python| ["site-packages", "dist-packages"].map(|folder| python.join(folder).join(PACKAGE)))
        .collect()
}

/// The library in this folder; of several, the last by name.
fn library_in(folder: &Path) -> Option<PathBuf> {
    let libraries = entries(folder).into_iter();
    libraries
        .filter(|path| begins(path, LIBRARY) && path.is_file())
        .max()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.take(ENTRIES_MAX).map(|entry| entry.path()).collect()
}

fn begins(path: &Path, beginning: &str) -> bool {
    path.file_name()
        .and_then(|name| name.to_str())
        .is_some_and(|name| name.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(root: &Path, folder: &str, name: &str) -> PathBuf {
        let folder = root.join(folder);
        fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join(name);
        fs::write(&path, "x").expect("a file");
        path
    }

    #[test]
    fn what_is_said_goes_before_what_is_found() {
        let root = tempfile::tempdir().expect("a folder");
        let name = format!("{}.1.24.4", LIBRARY.trim_end_matches('.'));
        let find = |said: Option<&str>| {
            find_by(&|variable| match variable {
                "HOME" => Some(root.path().as_os_str().to_owned()),
                VARIABLE => said.map(Into::into),
                _ => None,
            })
        };
        let of_pip = place(
            root.path(),
            ".local/lib/python3.11/site-packages/onnxruntime/capi",
            &name,
        );
        assert_eq!(find(None), Some(of_pip));
        place(root.path(), ".cache/gyre/onnxruntime", "notes.txt");
        let of_setup = place(root.path(), ".cache/gyre/onnxruntime", &name);
        assert_eq!(find(None), Some(of_setup));
        assert_eq!(find(Some("/none/lib.so")), Some("/none/lib.so".into()));
    }
}
