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

/// What a group of changes means.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// What the running application has to take in.
    pub(super) reload: Option<Change>,
    /// Components whose sources are others: their builds leave what is to be taken in.
    pub(super) rebuild: BTreeSet<String>,
}

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

    /// What the next group of changes means; nothing when watching has ended.
    pub(super) async fn next(&mut self) -> Option<Seen> {
        loop {
            let mut changed = BTreeSet::from([self.paths.recv().await?]);
            let more = async {
                while let Ok(Some(path)) = tokio::time::timeout(QUIET, self.paths.recv()).await {
                    changed.insert(path);
                }
            };
            // Cut off, the group is what has come so far.
            let _ = tokio::time::timeout(TOGETHER_MAX, more).await;
            let seen = concerns(&self.manifest, &self.parts, &changed);
            if seen != Seen::default() {
                return Some(seen);
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
    folders.extend(
        manifest
            .parent()
            .map(|folder| (folder.to_owned(), RecursiveMode::NonRecursive)),
    );
    for path in parts.iter().map(|part| &part.watched.path) {
        if path.is_dir() {
            folders.insert(path.clone(), RecursiveMode::Recursive);
        } else if let Some(folder) = path.parent() {
            // One that is watched as a whole stays so.
            folders
                .entry(folder.to_owned())
                .or_insert(RecursiveMode::NonRecursive);
        }
    }
    folders
}

/// What these paths mean for the application.
fn concerns(manifest: &Path, parts: &[Part], changed: &BTreeSet<PathBuf>) -> Seen {
    let touched = |part: &&Part| changed.iter().any(|path| part.watched.matches(path));
    let (built_from, made_of): (Vec<&Part>, Vec<&Part>) = parts
        .iter()
        .filter(touched)
        .partition(|part| part.watched.is_built_from);
    let ids = |parts: Vec<&Part>| parts.iter().map(|part| part.component.clone()).collect();
    let reload = if changed.contains(manifest) {
        Some(Change::Manifest)
    } else {
        (!made_of.is_empty()).then(|| Change::Components(ids(made_of)))
    };
    Seen {
        reload,
        rebuild: ids(built_from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gyre_manifest::Watched;
    use notify::event::{AccessKind, CreateKind, DataChange, MetadataKind};

    fn part(component: &str, path: &str, is_built_from: bool) -> Part {
        Part {
            component: component.to_owned(),
            watched: Watched {
                path: path.into(),
                pattern: None,
                is_built_from,
            },
        }
    }

    #[test]
    fn paths_concern_the_components_made_of_them() {
        let parts = [
            part("a", "/app/a.wasm", false),
            part("b", "/app/leaf.wasm", false),
            part("c", "/app/leaf.wasm", false),
            part("c", "/app/data", false),
            part("c", "/app/src", true),
        ];
        let owned = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        let reload = |change| Seen {
            reload: Some(change),
            ..Seen::default()
        };
        let components = |ids: &[&str]| reload(Change::Components(owned(ids)));
        let rebuild = |ids: &[&str]| Seen {
            reload: None,
            rebuild: owned(ids),
        };
        for (changed, expected) in [
            (&["/app/a.wasm"][..], components(&["a"])),
            (&["/app/leaf.wasm"], components(&["b", "c"])),
            (&["/app/data/deep/file"], components(&["c"])),
            (&["/app/src/deep/lib.rs"], rebuild(&["c"])),
            (
                &["/app/other", "/app/a.wasm.tmp", "/app/database"],
                Seen::default(),
            ),
            (&["/app/a.wasm", "/app/spin.toml"], reload(Change::Manifest)),
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
