//! Components that a manifest names by URL: fetched before the application is built.

use anyhow::Result;
use gyre_fetch::{Cache, Limits, Progress};
use gyre_manifest::{App as Manifest, RemoteFile};
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

/// Puts files in the place of URLs; those that are in `folder` are not fetched again.
pub(crate) fn fetch(manifest: &mut Manifest, folder: &Path) -> Result<()> {
    let wanted = manifest.remote_files();
    if wanted.is_empty() {
        return Ok(());
    }
    let files = fetch_all(folder, wanted)?;
    manifest.replace_remote(&files);
    Ok(())
}

fn fetch_all(
    folder: &Path,
    wanted: BTreeSet<RemoteFile>,
) -> Result<BTreeMap<RemoteFile, PathBuf>, gyre_fetch::Error> {
    let cache = Cache::open(folder, Limits::DEFAULT)?;
    let mut files = BTreeMap::new();
    for file in wanted {
        let path = cache.fetch(&file, &mut Meter::default())?;
        files.insert(file, path);
    }
    Ok(files)
}

/// A bar on a terminal, a line elsewhere.
#[derive(Default)]
struct Meter {
    bar: Option<ProgressBar>,
}

impl Progress for Meter {
    fn begin(&mut self, file: &RemoteFile, bytes: Option<u64>) {
        eprintln!("gyre: fetching {}", crate::text::printable(&file.to_string()));
        if std::io::stderr().is_terminal() {
            let bar = bytes.map_or_else(ProgressBar::no_length, ProgressBar::new);
            self.bar = Some(bar.with_style(style()));
        }
    }

    fn reached(&mut self, bytes: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(bytes);
        }
    }

    fn end(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn style() -> ProgressStyle {
    // A template that cannot be read is shown as the default.
    ProgressStyle::with_template("{wide_bar} {bytes} of {total_bytes}  {bytes_per_sec}  {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}
