//! What can be wrong with a manifest.

use std::path::PathBuf;

/// Why a manifest was refused. The text says what is wrong, where, and how to mend it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("{}: cannot read the manifest\nhint: run in the folder that holds spin.toml, or name it with --from", path.display())]
    Unreadable {
        /// The manifest.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is too large to be a manifest.
    #[error("{}: {bytes} bytes, more than the {bytes_max} a manifest may have\nhint: is this the right file?", path.display())]
    TooLarge {
        /// The manifest.
        path: PathBuf,
        /// Its size.
        bytes: u64,
        /// The limit.
        bytes_max: u64,
    },
    /// The file is not TOML. The offending line is not quoted: it may hold a secret.
    #[error("{}: line {line}: not valid TOML: {message}\nhint: mend the line", path.display())]
    Syntax {
        /// The manifest.
        path: PathBuf,
        /// Line, from 1; 0 when unknown.
        line: usize,
        /// What the parser said.
        message: String,
    },
    /// A key is wrong.
    #[error("{}: {problem}", path.display())]
    Key {
        /// The manifest.
        path: PathBuf,
        /// What is wrong and where.
        problem: Problem,
    },
    /// A variable or a template is wrong.
    #[error(transparent)]
    Variable(#[from] Problem),
}

/// What is wrong with one key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {what}\nhint: {hint}")]
pub struct Problem {
    /// Path of the key, e.g. `component.api.source`.
    pub key: String,
    /// What is wrong.
    pub what: String,
    /// How to mend it.
    pub hint: String,
}

impl Problem {
    /// What is wrong at a key, and the cure.
    pub fn new(key: impl Into<String>, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            what: what.into(),
            hint: hint.into(),
        }
    }

    /// Spin knows this, and this host does not do it: `why` says the reason.
    pub(crate) fn unsupported(
        key: impl Into<String>,
        why: impl std::fmt::Display,
        hint: impl Into<String>,
    ) -> Self {
        Self::new(key, format!("not supported: {why}"), hint)
    }
}
