//! What can be wrong with a runtime configuration.

use gyre_manifest::Problem;
use std::path::PathBuf;

/// Why a runtime configuration was refused. No value of the file is quoted: any may be a secret.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("{}: cannot read the runtime configuration\nhint: check the path given with --runtime-config-file", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is too large to be one.
    #[error("{}: {bytes} bytes, more than the {bytes_max} a runtime configuration may have\nhint: is this the right file?", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
        /// The limit.
        bytes_max: u64,
    },
    /// The file is not TOML.
    #[error("{}: line {line}: not valid TOML: {message}\nhint: mend the line", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Line, from 1; 0 when unknown.
        line: usize,
        /// What the parser said.
        message: String,
    },
    /// A key is wrong.
    #[error("{}: {problem}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong and where.
        problem: Problem,
    },
    /// A file of variables is named and cannot be used.
    #[error("{}: cannot read the variables: {why}\nhint: check dotenv_path; a line of the file is NAME=value", path.display())]
    Dotenv {
        /// The file.
        path: PathBuf,
        /// Why, without a value.
        why: String,
    },
    /// An environment variable is not text.
    #[error("the environment variable {name} is not valid UTF-8\nhint: set it again")]
    NotText {
        /// Its name.
        name: String,
    },
}
