//! Exit codes, and the errors of the program itself. `gyre --help` lists the codes; scripts may rely on them.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Separates what failed from its cure in the messages of this workspace.
pub(crate) const HINT: &str = "; hint: ";

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All was done.
    Ok,
    /// It was not done, or only in part.
    Failed,
    /// The arguments make no sense; clap uses this code too.
    Usage,
    /// spin.toml, a component it names or a model given cannot be used.
    Config,
    /// The server or the model is not there, or the memory for it.
    Unavailable,
    /// A bug of gyre.
    Internal,
    /// The state folder cannot be written.
    State,
    /// Another process has the address.
    AddressInUse,
    /// Ctrl-C.
    Interrupted,
    /// What the program of `gyre run` ended with.
    Program(u8),
}

impl Exit {
    fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Config => 64,
            Self::Unavailable => 69,
            Self::Internal => 70,
            Self::State => 73,
            Self::AddressInUse => 98,
            Self::Interrupted => 130,
            Self::Program(code) => code,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Arguments or environment that clap could not check.
#[derive(Debug, thiserror::Error)]
#[error("{what}{HINT}{cure}")]
pub(crate) struct Usage {
    what: String,
    cure: &'static str,
}

impl Usage {
    /// What makes no sense, and the cure.
    pub(crate) fn new(what: impl Into<String>, cure: &'static str) -> Self {
        Self {
            what: what.into(),
            cure,
        }
    }
}

/// The state folder cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the state folder {}{HINT}choose another with --state", path.display())]
pub(crate) struct StateUnwritable {
    path: PathBuf,
}

impl StateUnwritable {
    /// Names the folder.
    pub(crate) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
        }
    }
}
