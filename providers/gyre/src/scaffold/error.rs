//! Why nothing was made.

use crate::exit::Exit;
use std::path::PathBuf;

/// Why nothing was made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The name would break somewhere.
    #[error(
        "the name `{name}` {problem}; hint: use letters a-z, digits and `-`, beginning with a letter, as in `word-count`"
    )]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Something is there already.
    #[error("{} is there already, and nothing is overwritten; hint: choose another name", path.display())]
    Exists {
        /// What is there.
        path: PathBuf,
    },
    /// There is no application here.
    #[error("there is no spin.toml in {}; hint: `gyre new NAME --template …` makes an application", folder.display())]
    NoManifest {
        /// The folder.
        folder: PathBuf,
    },
    /// The manifest has the component already.
    #[error("{} has a component `{id}` already; hint: choose another name", path.display())]
    Taken {
        /// The manifest.
        path: PathBuf,
        /// The component.
        id: String,
    },
    /// The manifest cannot be changed.
    #[error("{} cannot take another component: {problem}; hint: {cure}", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// Why.
        problem: String,
        /// What to do.
        cure: &'static str,
    },
    /// A shell that the template needs is not installed.
    #[error(
        "the shell {file} is not installed with this gyre; hint: `cargo xtask up` of gyre's repository installs it into {}",
        folder.display()
    )]
    NoShell {
        /// Its file.
        file: &'static str,
        /// Where it should be.
        folder: PathBuf,
    },
    /// A file cannot be read or written.
    #[error("cannot {action} {}; hint: is the folder yours, and is there room?", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
}

impl Error {
    /// Its exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Name { .. } => Exit::Usage,
            Self::NoManifest { .. } | Self::Taken { .. } | Self::Manifest { .. } => Exit::Config,
            Self::Exists { .. } | Self::Io { .. } => Exit::Failed,
            Self::NoShell { .. } => Exit::Unavailable,
        }
    }
}
