//! The models that answer where the command line names none: those that the manifest names, as far as they are there.

use crate::cli::Given;
use gyre_gguf::folder;
use gyre_manifest::App as Manifest;
use std::path::Path;

/// The manifest's own, in the order of its components, each once.
pub(crate) fn named(manifest: &Manifest) -> Vec<String> {
    let mut names = Vec::new();
    for component in manifest.components.values() {
        names.extend(
            component
                .default_model
                .clone()
                .filter(|name| !names.contains(name)),
        );
    }
    names
}

/// Those of them that are in the models folder.
pub(super) fn there(names: &[String], models: &Path) -> Vec<Given> {
    let is_there = |name: &&String| folder::is_name(name) && folder::path_of(models, name).is_file();
    names.iter().filter(is_there).cloned().map(Given::Name).collect()
}
