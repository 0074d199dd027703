//! What was found, before it is read.

use std::path::PathBuf;

/// A file that may be a document.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Where it is.
    pub(super) path: PathBuf,
    /// Its name for the server: the path from the current folder, with forward slashes.
    pub(super) source: String,
    /// What it is written in.
    pub(super) media_type: &'static str,
    /// Whether the user named this file, not a folder above it.
    pub(super) is_named: bool,
}
