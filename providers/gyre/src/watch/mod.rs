//! `gyre up --watch`: takes what changes on disk into the running application, without dropping a request.
//!
//! Calls that run finish on the old component, new ones get the new one. What cannot be used keeps the old one and is
//! told. Where the sources of a component change, its own build commands run, as `gyre build` runs them.

mod changes;
mod files;
mod told;

use crate::build;
use anyhow::Result;
use changes::Changes;
use gyre_manifest::{App as Manifest, ResolvedVariables, Watched};
use gyre_serve::{App, Change};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// An application that runs, and what it was made of.
pub(crate) struct Running {
    /// The application.
    pub(crate) app: Arc<App>,
    /// Its manifest, as it runs.
    pub(crate) manifest: Manifest,
    /// Its variables.
    pub(crate) variables: ResolvedVariables,
}

/// Files that are watched.
pub(crate) struct Watch {
    path: PathBuf,
    changes: Changes,
}

impl Watch {
    /// Begins to watch the manifest at `path` and what it names. Whoever begins before reading them misses no change.
    pub(crate) fn begin(path: &Path, manifest: &Manifest) -> Result<Self> {
        let path = std::path::absolute(path)?;
        let changes = Changes::watch(&path, files::of(manifest))?;
        Ok(Self { path, changes })
    }

    /// Reloads for as long as it is polled; `read` gives what the manifest says now.
    pub(crate) async fn run(
        mut self,
        mut running: Running,
        read: impl Fn() -> Result<(Manifest, ResolvedVariables)>,
    ) {
        while let Some(seen) = self.changes.next().await {
            build(&seen.rebuild, &running.manifest).await;
            let Some(change) = seen.reload else { continue };
            let started = Instant::now();
            match self.take(&mut running, &change, &read).await {
                Ok(notes) => told::taken(&change, &notes, started.elapsed()),
                Err(error) => told::kept(&change, &error, started.elapsed()),
            }
        }
    }

    /// Takes one change; gives what it could not change.
    async fn take(
        &mut self,
        running: &mut Running,
        change: &Change,
        read: &impl Fn() -> Result<(Manifest, ResolvedVariables)>,
    ) -> Result<Vec<&'static str>> {
        let (manifest, variables, changes) = match change {
            Change::Manifest => {
                let (manifest, variables) = read()?;
                // Another manifest means other files, which are watched before they are read.
                let changes = Changes::watch(&self.path, files::of(&manifest))?;
                (manifest, variables, Some(changes))
            }
            Change::Components(_) => (running.manifest.clone(), running.variables.clone(), None),
        };
        let (app, change) = (Arc::clone(&running.app), change.clone());
        // It compiles.
        let (manifest, variables) = tokio::task::spawn_blocking(move || {
            app.reload(&manifest, &variables, &change)
                .map(|()| (manifest, variables))
        })
        .await??;
        let notes = files::unchangeable(&running.manifest, &manifest);
        (running.manifest, running.variables) = (manifest, variables);
        if let Some(changes) = changes {
            self.changes = changes;
        }
        Ok(notes)
    }
}

/// Builds components anew. What comes of it is a change of their files, and seen as such.
async fn build(ids: &BTreeSet<String>, manifest: &Manifest) {
    for component in ids.iter().filter_map(|id| manifest.components.get(id)) {
        let Some(commands) = &component.build else {
            continue;
        };
        if let Err(error) = build::run_commands(&component.id, commands).await {
            told::not_built(&component.id, &error);
        }
    }
}

/// Files that a component is made of, or built from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// Whose.
    pub(crate) component: String,
    pub(crate) watched: Watched,
}
