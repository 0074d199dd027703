//! Puts the parts of an application into a folder with a `spin.toml`.

use crate::Error;
use crate::blobs::Blobs;
use crate::files;
use crate::locked::{Component, Content, LockedApp};
use crate::manifest::{self, Placed};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const MANIFEST: &str = "spin.toml";

/// The manifest of the application, in `folder`, which is made at once and whole or not at all.
pub(crate) fn assemble(
    app: &LockedApp,
    blobs: &Blobs,
    folder: &Path,
    reference: &str,
) -> Result<PathBuf, Error> {
    let manifest = folder.join(MANIFEST);
    if manifest.is_file() {
        return Ok(manifest);
    }
    let failed = |source| Error::Cache {
        what: "make",
        path: folder.to_owned(),
        source,
    };
    let above = folder.parent().unwrap_or(folder);
    std::fs::create_dir_all(above).map_err(failed)?;
    let making = tempfile::tempdir_in(above).map_err(failed)?;
    let mut placed = BTreeMap::new();
    for component in &app.components {
        placed.insert(
            component.id.clone(),
            place(component, blobs, making.path(), reference)?,
        );
    }
    let text = manifest::text(app, &placed)?;
    std::fs::write(making.path().join(MANIFEST), text).map_err(failed)?;
    match std::fs::rename(making.path(), folder) {
        Ok(()) => Ok(manifest),
        // Another gyre made the same meanwhile.
        Err(_) if manifest.is_file() => Ok(manifest),
        Err(error) => Err(failed(error)),
    }
}

fn place(component: &Component, blobs: &Blobs, folder: &Path, reference: &str) -> Result<Placed, Error> {
    let id = &component.id;
    let harmless = id
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if id.is_empty() || !harmless {
        return Err(Error::NotAnApplication {
            reference: reference.to_owned(),
            why: format!("{id:?} is no id for a component"),
        });
    }
    let put = |content: &Content, name: String| {
        files::place(content, blobs, &folder.join(&name), reference).map(|()| name)
    };
    let source = put(&component.source, format!("{id}.wasm"))?;
    let mut dependencies = BTreeMap::new();
    for (index, (name, dependency)) in component.dependencies.iter().enumerate() {
        dependencies.insert(
            name.clone(),
            put(&dependency.source, format!("{id}.{index}.wasm"))?,
        );
    }
    let mounted = (!component.files.is_empty()).then(|| format!("{id}.files"));
    if let Some(name) = &mounted {
        files::place_all(&component.files, blobs, &folder.join(name), reference)?;
    }
    Ok(Placed {
        source,
        dependencies,
        files: mounted,
    })
}
