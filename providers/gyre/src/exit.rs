//! Exit codes, and the errors of the program itself. `gyre --help` lists the codes; scripts may rely on them.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Separates what failed from its cure in the messages of this workspace.
pub(crate) const HINT: &str = "; hint: ";

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// All was done.
    Ok = 0,
    /// It was not done, or only in part.
    Failed = 1,
    /// The arguments make no sense; clap uses this code too.
    Usage = 2,
    /// spin.toml, a component it names or a model given cannot be used.
    Config = 64,
    /// The server or the model is not there, or the memory for it.
    Unavailable = 69,
    /// A bug of gyre.
    Internal = 70,
    /// The state folder cannot be written.
    State = 73,
    /// Another process has the address.
    AddressInUse = 98,
    /// Ctrl-C.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
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
