//! Programs that refuse root run as a user who owns nothing but the folder they work in.

use anyhow::{Context, Result, ensure};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Who owns nothing.
const NOBODY: u32 = 65_534;

/// A folder that the server's user owns.
pub(crate) fn folder() -> Result<TempDir> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o700))
        .context("cannot close the folder")?;
    if is_root(folder.path())? {
        chown(folder.path(), Some(NOBODY), Some(NOBODY)).context("cannot give the folder away")?;
    }
    Ok(folder)
}

/// Whether we are root, told by who owns what we make.
fn is_root(made: &Path) -> Result<bool> {
    Ok(made.metadata().context("cannot look at the folder")?.uid() == 0)
}

pub(crate) fn find(name: &str, places: &[PathBuf]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path);
    places
        .iter()
        .cloned()
        .chain(on_path)
        .map(|place| place.join(name))
        .find(|program| program.is_file())
}

/// Run as the folder's owner, in the folder: not every folder is open to nobody.
pub(crate) fn as_owner(mut command: Command, folder: &Path) -> Command {
    command.current_dir(folder);
    if folder.metadata().is_ok_and(|metadata| metadata.uid() == NOBODY) {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

pub(crate) fn finished(mut command: Command) -> Result<()> {
    let done = command
        .output()
        .with_context(|| format!("cannot run {:?}", command.get_program()))?;
    ensure!(
        done.status.success(),
        "{:?} failed: {}",
        command.get_program(),
        String::from_utf8_lossy(&done.stderr)
    );
    Ok(())
}

pub(crate) fn write(folder: &Path, name: &str, text: &str) -> Result<PathBuf> {
    let path = folder.join(name);
    std::fs::write(&path, text).with_context(|| format!("cannot write {name}"))?;
    if folder.metadata().is_ok_and(|metadata| metadata.uid() == NOBODY) {
        chown(&path, Some(NOBODY), Some(NOBODY)).with_context(|| format!("cannot give {name} away"))?;
    }
    Ok(path)
}
