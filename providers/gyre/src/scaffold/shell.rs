//! The shells that come with gyre: components that serve a leaf.

use super::error::Error;
use std::path::{Path, PathBuf};

/// Where `cargo xtask up` puts them, from the folder of the program.
const INSTALLED: &str = "../share/gyre/shells";
/// Where a checkout has them, from the folder of the program that it built.
const BUILT: &str = "../../components/target/wasm32-wasip2/debug";

/// The bytes of a shell.
pub(super) fn read(file: &'static str) -> Result<Vec<u8>, Error> {
    let program = std::env::current_exe().unwrap_or_default();
    let folder = program.parent().unwrap_or(Path::new(""));
    find(folder, file)
}

fn find(folder: &Path, file: &'static str) -> Result<Vec<u8>, Error> {
    let places: [PathBuf; 2] = [INSTALLED, BUILT].map(|place| folder.join(place));
    let Some(found) = places
        .iter()
        .map(|place| place.join(file))
        .find(|path| path.is_file())
    else {
        let [folder, _] = places;
        return Err(Error::NoShell { file, folder });
    };
    std::fs::read(&found).map_err(|source| Error::Io {
        action: "read",
        path: found,
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_installed_shell_comes_before_a_built_one() {
        let root = tempfile::tempdir().expect("a folder");
        let bin = root.path().join("target/debug");
        let put = |place: &str, text: &str| {
            let folder = bin.join(place);
            std::fs::create_dir_all(&folder).expect("a folder");
            std::fs::write(folder.join("model.wasm"), text).expect("writes");
        };
        std::fs::create_dir_all(&bin).expect("a folder");
        let missing = find(&bin, "model.wasm").expect_err("is not there").to_string();
        assert!(
            missing.contains("model.wasm") && missing.contains("; hint: "),
            "{missing}"
        );
        put(BUILT, "built");
        assert_eq!(find(&bin, "model.wasm").expect("is there"), b"built");
        put(INSTALLED, "installed");
        assert_eq!(find(&bin, "model.wasm").expect("is there"), b"installed");
    }
}
