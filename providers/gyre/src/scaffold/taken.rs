//! Names that an application has already.

use super::error::Error;
use std::path::Path;
use toml_edit::DocumentMut;

/// Fails when the manifest has the component.
pub(super) fn refuse_taken(path: &Path, document: &DocumentMut, id: &str) -> Result<(), Error> {
    let taken = document
        .get("component")
        .and_then(|components| components.get(id))
        .is_some();
    if taken {
        return Err(Error::Taken {
            path: path.to_owned(),
            id: id.to_owned(),
        });
    }
    Ok(())
}
