//! Tables of the file, read as those of a manifest are; and what only this file has.

use crate::secret::Secret;
use gyre_manifest::{Problem, Section, wrong_type};

/// A text that is shown to nobody, and must be there.
pub(crate) fn secret(section: &mut Section, name: &'static str, hint: &str) -> Result<Secret, Problem> {
    section.required_string(name, hint).map(Secret::new)
}

/// The entries of a table of tables, each with its label.
pub(crate) fn labelled(root: &mut Section, name: &'static str) -> Result<Vec<(String, Section)>, Problem> {
    root.entries(name)?
        .into_iter()
        .map(|(label, (key, value))| Ok((label, Section::from_value(key, value)?)))
        .collect()
}

/// The entries of a list of tables.
pub(crate) fn tables(root: &mut Section, name: &'static str) -> Result<Vec<Section>, Problem> {
    let key = root.key(name);
    match root.take(name) {
        None => Ok(Vec::new()),
        Some(toml::Value::Array(values)) => values
            .into_iter()
            .enumerate()
            .map(|(index, value)| Section::from_value(format!("{key}[{index}]"), value))
            .collect(),
        Some(other) => Err(wrong_type(key, "a list of tables, written with [[ ]]", &other)),
    }
}
