//! Files that are whole or not there, whenever the program is killed.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// How a file's name ends while it is written.
pub(crate) const PARTIAL_EXTENSION: &str = "partial";

/// Writes beside the path, waits until it is on the disk, and gives it its name.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let partial = partial_of(path);
    std::fs::write(&partial, bytes)?;
    give_name(&partial, path)
}

/// Where a file is written before it has its name.
pub(crate) fn partial_of(path: &Path) -> PathBuf {
    path.with_added_extension(PARTIAL_EXTENSION)
}

/// Waits until a file is on the disk, and gives it its name.
pub(crate) fn give_name(partial: &Path, path: &Path) -> io::Result<()> {
    File::options().write(true).open(partial)?.sync_all()?;
    std::fs::rename(partial, path)?;
    sync_folder(path)
}

/// The name itself is on the disk only when its folder is.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
