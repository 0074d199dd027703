//! Checks of the models folder.

use super::Check;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

const NAME: &str = "models";
/// Files looked at.
const FILES_MAX: usize = 256;
/// GGUF versions in use; the number follows the magic.
const VERSIONS: std::ops::RangeInclusive<u32> = 2..=3;

/// One check for the folder, and one for each model file that cannot be a model.
pub(super) fn check(folder: &Path) -> Vec<Check> {
    let cure = "`cargo xtask up` fetches the default; without a model retrieval is by words only";
    let files = match files(folder) {
        Ok(files) => files,
        Err(error) => return vec![Check::warn(NAME, format!("{}: {error}", folder.display()), cure)],
    };
    let (good, bad): (Vec<_>, Vec<_>) = files
        .into_iter()
        .map(|file| (header(&file), file))
        .partition(|(h, _)| h.is_ok());
    let names: Vec<_> = good
        .iter()
        .filter_map(|(_, file)| Some(file.file_stem()?.to_string_lossy()))
        .collect();
    let mut checks = vec![if names.is_empty() {
        Check::warn(NAME, format!("no usable .gguf in {}", folder.display()), cure)
    } else {
        Check::ok(NAME, format!("{} in {}", names.join(", "), folder.display()))
    }];
    checks.extend(bad.into_iter().filter_map(|(header, file)| {
        let message = format!("{}: {}", file.display(), header.err()?);
        Some(Check::fail(NAME, message, "remove the file, or fetch it again"))
    }));
    checks
}

/// The `.gguf` files of the folder, by name.
fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "gguf") && files.len() < FILES_MAX {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Whether the file begins as a GGUF does: magic, version, number of tensors, number of keys.
fn header(path: &Path) -> Result<(), String> {
    let mut header = [0; 24];
    let mut file = File::open(path).map_err(|error| format!("cannot be read: {error}"))?;
    file.read_exact(&mut header)
        .map_err(|_| "too short for a GGUF file".to_owned())?;
    let (magic, rest) = header.split_at(4);
    if magic != b"GGUF" {
        return Err("is no GGUF file: its magic is missing".to_owned());
    }
    let version = u32::from_le_bytes([rest[0], rest[1], rest[2], rest[3]]);
    if VERSIONS.contains(&version) {
        Ok(())
    } else {
        Err(format!("has GGUF version {version}, not 2 or 3"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Level::{self, Fail, Ok, Warn};
    use super::*;

    fn levels(files: &[(&str, &[u8])]) -> Vec<Level> {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, bytes) in files {
            fs::write(folder.path().join(name), bytes).expect("a file");
        }
        check(folder.path()).iter().map(|check| check.level).collect()
    }

    #[test]
    fn models_are_told_from_other_files() {
        let good = b"GGUF\x03\0\0\0aaaaaaaabbbbbbbbmore".as_slice();
        let cases: [(&[(&str, &[u8])], &[Level]); 6] = [
            (&[], &[Warn]),
            (&[("a.txt", b"x")], &[Warn]),
            (&[("a.gguf", good)], &[Ok]),
            (&[("a.gguf", good), ("b.gguf", &good[..20])], &[Ok, Fail]),
            (&[("b.gguf", b"<!doctype html><html></html>")], &[Warn, Fail]),
            (&[("b.gguf", b"GGUF\x63\0\0\0aaaaaaaabbbbbbbb")], &[Warn, Fail]),
        ];
        for (files, expected) in cases {
            assert_eq!(levels(files), expected);
        }
    }

    #[test]
    fn a_missing_folder_is_a_warning() {
        assert_eq!(check(Path::new("no/such/folder"))[0].level, Warn);
    }
}
