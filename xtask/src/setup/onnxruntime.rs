//! The library of ONNX Runtime: fetched as a Python wheel, of which one file is kept.

use super::model::{pip, wheel_in};
use crate::process;
use crate::repository::{Repository, cache};
use anyhow::{Context, Result, bail};
use std::fs::File;
use std::path::{Path, PathBuf};

/// The folder in the wheel.
const FOLDER: &str = "onnxruntime/capi/";
/// Names of the library begin so; its version follows.
const NAMES: [&str; 2] = ["libonnxruntime.so", "libonnxruntime."];
/// The Python whose wheel is fetched: the library within is the same for each.
const PYTHON: &str = "3.11";

/// Makes sure of the library, or says what to do instead.
pub(super) fn ensure(repository: &Repository) -> Result<()> {
    let folder = cache()?.join("onnxruntime");
    if has_library(&folder) {
        return Ok(());
    }
    println!("setup: ONNX Runtime is missing: it runs ONNX models");
    fetch(repository, &folder).context(
        "no ONNX Runtime\nhint: install it by hand, as `pip install onnxruntime`, and name its library by GYRE_ONNXRUNTIME",
    )
}

/// The same for tests, which are ignored without it.
pub(super) fn try_to(repository: &Repository) {
    if let Err(error) = ensure(repository) {
        eprintln!("setup: {error:#}");
        eprintln!("setup: tests of ONNX models will be ignored");
    }
}

fn fetch(repository: &Repository, folder: &Path) -> Result<()> {
    let downloads = cache()?.join("downloads-onnxruntime");
    let mut pip = pip()?;
    pip.args([
        "download",
        "--no-deps",
        "--require-hashes",
        "--only-binary",
        ":all:",
    ]);
    pip.args([
        "--retries",
        "1",
        "--python-version",
        PYTHON,
        "--implementation",
        "cp",
    ]);
    pip.args(["--platform", platform()?])
        .arg("--dest")
        .arg(&downloads);
    pip.arg("--requirement")
        .arg(repository.path("xtask/onnxruntime.txt"));
    process::run(&mut pip)?;
    let wheel =
        wheel_in(&downloads).with_context(|| format!("pip left no wheel in {}", downloads.display()))?;
    let library = extract(&wheel, folder)?;
    println!("setup: {} is there", library.display());
    std::fs::remove_dir_all(&downloads).with_context(|| format!("cannot remove {}", downloads.display()))
}

/// The name that wheels have for this machine.
fn platform() -> Result<&'static str> {
    Ok(match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => "manylinux_2_28_x86_64",
        ("linux", "aarch64") => "manylinux_2_28_aarch64",
        ("macos", "aarch64") => "macosx_14_0_arm64",
        (os, arch) => bail!("no wheel is known for {os} on {arch}"),
    })
}

/// Keeps the library, under another name until it is whole.
fn extract(wheel: &Path, folder: &Path) -> Result<PathBuf> {
    let file = File::open(wheel).with_context(|| format!("cannot open {}", wheel.display()))?;
    let mut archive = zip::ZipArchive::new(file).context("the wheel cannot be opened")?;
    let name = archive
        .file_names()
        .filter_map(|name| name.strip_prefix(FOLDER))
        .find(|name| is_library(name))
        .context("the wheel holds no library")?
        .to_owned();
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let (part, library) = (folder.join("part"), folder.join(&name));
    let mut entry = archive
        .by_name(&format!("{FOLDER}{name}"))
        .context("the wheel is broken")?;
    let mut out = File::create(&part).with_context(|| format!("cannot write {}", part.display()))?;
    std::io::copy(&mut entry, &mut out).context("the wheel is broken")?;
    std::fs::rename(&part, &library).with_context(|| format!("cannot write {}", library.display()))?;
    Ok(library)
}

fn has_library(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .into_iter()
        .any(|entry| is_library(&entry.file_name().to_string_lossy()))
}

fn is_library(name: &str) -> bool {
    !name.contains('/') && NAMES.iter().any(|begin| name.starts_with(begin))
}

#[cfg(test)]
mod tests {
    use super::{extract, has_library};
    use std::io::Write as _;

    #[test]
    fn one_file_of_the_wheel_is_kept() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let (wheel, folder) = (root.path().join("x.whl"), root.path().join("kept"));
        let mut archive = zip::ZipWriter::new(std::fs::File::create(&wheel).expect("a file"));
        let options = zip::write::SimpleFileOptions::default();
        for name in [
            "onnxruntime/capi/libonnxruntime_providers_shared.so",
            "onnxruntime/capi/libonnxruntime.so.1.24.4",
        ] {
            archive.start_file(name, options).expect("an entry");
            archive.write_all(name.as_bytes()).expect("writes");
        }
        archive.finish().expect("is whole");
        assert!(!has_library(&folder));
        let library = extract(&wheel, &folder).expect("is kept");
        assert_eq!(library, folder.join("libonnxruntime.so.1.24.4"));
        assert!(has_library(&folder) && library.is_file());
        assert_eq!(std::fs::read_dir(&folder).expect("a folder").count(), 1);
    }
}
