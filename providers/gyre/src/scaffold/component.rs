//! The files of one component, and its tables in spin.toml.

use super::error::Error;
use super::name::Names;
use super::staging::Staging;
use crate::cli::Template;

/// Where an application keeps the shells.
pub(super) const SHELLS: &str = "shells";

/// A text of a template with its placeholders filled.
pub(super) fn fill(text: &str, names: &Names, route: &str) -> String {
    text.replace("%name%", &names.name)
        .replace("%id%", &names.id)
        .replace("%dir%", &names.id)
        .replace("%crate%", &names.krate)
        .replace("%route%", route)
}

/// Writes the component's files under `folder` of the staging, and says which.
pub(super) fn write(
    staging: &Staging,
    folder: &str,
    template: Template,
    names: &Names,
) -> Result<Vec<String>, Error> {
    let mut files = Vec::new();
    for file in template.files() {
        let path = format!("{folder}{}", file.0);
        // Code and WIT have no placeholders: what looks like one there is theirs.
        let text = if file.0.ends_with(".toml") {
            fill(file.1, names, "")
        } else {
            file.1.to_owned()
        };
        staging.write(&path, text.as_bytes())?;
        files.push(path);
    }
    Ok(files)
}
