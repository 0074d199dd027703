//! `gyre up --watch`: takes what changes on disk into the running application, without dropping a request.
//!
//! Calls that run finish on the old component, new ones get the new one. What cannot be used keeps the old one and is
//! told. Only files that a build has left are watched; running builds is another's job, whose results come here.

mod changes;
mod files;
mod told;

use anyhow::Result;
use changes::Changes;
use gyre_manifest::{App as Manifest, ResolvedVariables};
use gyre_serve::{App, Change};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The wait before a manifest that cannot be watched is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// An application that runs, and what it was made of.
pub(crate) struct Running {
    /// The application.
    pub(crate) app: Arc<App>,
    /// Its manifest, as it runs.
    pub(crate) manifest: Manifest,
    /// Its variables.
    pub(crate) variables: ResolvedVariables,
}

/// Reloads for as long as it is polled; `read` gives what the manifest at `path` says now.
pub(crate) async fn run(
    path: &Path,
    mut running: Running,
    read: impl Fn() -> Result<(Manifest, ResolvedVariables)>,
) {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    loop {
        let mut changes = match Changes::watch(&path, files::of(&running.manifest)) {
            Ok(changes) => changes,
            Err(error) => {
                told::unwatched(&error);
                tokio::time::sleep(AGAIN).await;
                continue;
            }
        };
        // Another manifest means other files: they are watched anew.
        while let Some(change) = changes.next().await {
            let started = Instant::now();
            let taken = take(&mut running, &change, &read).await;
            match &taken {
                Ok(notes) => told::taken(&change, notes, started.elapsed()),
                Err(error) => told::kept(&change, error, started.elapsed()),
            }
            if taken.is_ok() && change == Change::Manifest {
                break;
            }
        }
    }
}

/// Takes one change; gives what it could not change.
async fn take(
    running: &mut Running,
    change: &Change,
    read: &impl Fn() -> Result<(Manifest, ResolvedVariables)>,
) -> Result<Vec<&'static str>> {
    let (manifest, variables) = match change {
        Change::Manifest => read()?,
        Change::Components(_) => (running.manifest.clone(), running.variables.clone()),
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
    Ok(notes)
}

/// A file or folder that a component is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// Whose.
    pub(crate) component: String,
    /// Where it is; a folder stands for all that is in it.
    pub(crate) path: PathBuf,
    /// Whether what is below it counts too.
    pub(crate) deep: bool,
}
