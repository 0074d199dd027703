//! Where relative paths begin.

use std::path::PathBuf;

/// What relative paths in the file are relative to. Stock Spin has two answers, and so have we.
#[derive(Debug, Clone)]
pub struct Folders {
    /// The folder of the file: paths of key-value stores.
    pub of_file: PathBuf,
    /// The folder the host was started in: all other paths.
    pub working: PathBuf,
}
