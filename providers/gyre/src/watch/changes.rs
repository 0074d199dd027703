//! What has changed on disk, in groups: one build writes several files, one file is written in several steps.

use super::Part;
use anyhow::{Context, Result};
use gyre_serve::Change;
use notify::event::ModifyKind;
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::mpsc;

/// A change is looked at when nothing more has happened for so long.
const QUIET: Duration = Duration::from_millis(150);
/// And at the latest after so long.
const TOGETHER_MAX: Duration = Duration::from_secs(3);
/// Paths that wait to be looked at; what is beyond them is told by those before.
const PATHS_MAX: usize = 4_096;

/// The changes of one manifest's files.
pub(super) struct Changes {
    // Watches until it is dropped.
    _watcher: RecommendedWatcher,
    paths: mpsc::Receiver<PathBuf>,
    manifest: PathBuf,
    parts: Vec<Part>,
}

impl Changes {
    /// Begins to watch the manifest and its parts.
    pub(super) fn watch(manifest: &Path, parts: Vec<Part>) -> Result<Self> {
        let (sender, paths) = mpsc::channel(PATHS_MAX);
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            for path in event
                .into_iter()
                .filter(|event| is_change(event.kind))
                .flat_map(|e| e.paths)
            {
                // Full: there is enough to look at. Closed: nobody looks any more.
                let _ = sender.try_send(path);
            }
        })
        .context("cannot watch files")?;
        for (folder, mode) in folders(manifest, &parts) {
            watcher
                .watch(&folder, mode)
                .with_context(|| format!("cannot watch {}; hint: is it there?", folder.display()))?;
        }
        Ok(Self {
            _watcher: watcher,
            paths,
            manifest: manifest.to_owned(),
            parts,
        })
    }

    /// The next group of changes; nothing when watching has ended.
    pub(super) async fn next(&mut self) -> Option<Change> {
        loop {
            let mut changed = BTreeSet::from([self.paths.recv().await?]);
            let more = async {
                while let Ok(Some(path)) = tokio::time::timeout(QUIET, self.paths.recv()).await {
                    changed.insert(path);
                }
            };
            // Cut off, the group is what has come so far.
            let _ = tokio::time::timeout(TOGETHER_MAX, more).await;
            if let Some(change) = concerns(&self.manifest, &self.parts, &changed) {
                return Some(change);
            }
        }
    }
}

/// Reading a file is no change, nor are its times.
fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Create(_) | EventKind::Remove(_) => true,
        EventKind::Modify(kind) => !matches!(kind, ModifyKind::Metadata(_)),
        EventKind::Any | EventKind::Access(_) | EventKind::Other => false,
    }
}

/// Folders rather than files: who writes a file anew often puts another one in its place.
fn folders(manifest: &Path, parts: &[Part]) -> BTreeMap<PathBuf, RecursiveMode> {
    let mut folders = BTreeMap::new();
    let files = parts
        .iter()
        .filter(|part| !part.deep)
        .map(|part| part.path.as_path());
    for file in files.chain([manifest]) {
        if let Some(folder) = file.parent() {
            folders.insert(folder.to_owned(), RecursiveMode::NonRecursive);
        }
    }
    for part in parts.iter().filter(|part| part.deep) {
        let mode = if part.path.is_dir() {
            RecursiveMode::Recursive
        } else {
            RecursiveMode::NonRecursive
        };
        folders.insert(part.path.clone(), mode);
    }
    folders
}

/// What these paths mean for the application, if anything.
fn concerns(manifest: &Path, parts: &[Part], changed: &BTreeSet<PathBuf>) -> Option<Change> {
    if changed.contains(manifest) {
        return Some(Change::Manifest);
    }
    let touched = |part: &&Part| {
        changed
            .iter()
            .any(|path| *path == part.path || (part.deep && path.starts_with(&part.path)))
    };
    let components: BTreeSet<String> = parts
        .iter()
        .filter(touched)
        .map(|part| part.component.clone())
        .collect();
    (!components.is_empty()).then_some(Change::Components(components))
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::{AccessKind, CreateKind, DataChange, MetadataKind};

    fn part(component: &str, path: &str, deep: bool) -> Part {
        Part {
            component: component.to_owned(),
            path: path.into(),
            deep,
        }
    }

    #[test]
    fn paths_concern_the_components_made_of_them() {
        let parts = [
            part("a", "/app/a.wasm", false),
            part("b", "/app/leaf.wasm", false),
            part("c", "/app/leaf.wasm", false),
            part("c", "/app/data", true),
        ];
        let components = |ids: &[&str]| {
            Some(Change::Components(
                ids.iter().map(|id| (*id).to_owned()).collect(),
            ))
        };
        for (changed, expected) in [
            (&["/app/a.wasm"][..], components(&["a"])),
            (&["/app/leaf.wasm"], components(&["b", "c"])),
            (&["/app/data/deep/file"], components(&["c"])),
            (&["/app/other", "/app/a.wasm.tmp", "/app/database"], None),
            (&["/app/a.wasm", "/app/spin.toml"], Some(Change::Manifest)),
        ] {
            let changed: BTreeSet<PathBuf> = changed.iter().map(PathBuf::from).collect();
            assert_eq!(concerns(Path::new("/app/spin.toml"), &parts, &changed), expected);
        }
    }

    #[test]
    fn reading_is_no_change() {
        for (kind, expected) in [
            (EventKind::Create(CreateKind::File), true),
            (EventKind::Modify(ModifyKind::Data(DataChange::Any)), true),
            (EventKind::Modify(ModifyKind::Metadata(MetadataKind::Any)), false),
            (EventKind::Access(AccessKind::Any), false),
        ] {
            assert_eq!(is_change(kind), expected, "{kind:?}");
        }
    }
}
