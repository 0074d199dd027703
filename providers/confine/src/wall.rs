//! The wall itself.

#[cfg(target_os = "linux")]
use crate::{Error, Support, filter, process, rules, support};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// What a process may do once it has entered; all else is denied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wall {
    /// Files and folders that it reads, where they are there.
    pub read: Vec<PathBuf>,
    /// Folders in which it reads, writes, makes and deletes; each must be there.
    pub write: Vec<PathBuf>,
    /// Programs that it starts; where there are none it cannot start any.
    pub execute: Vec<PathBuf>,
    /// Devices that it controls, where they are there.
    pub devices: Vec<PathBuf>,
    /// Whom it may call.
    pub network: Network,
}

/// Whom a process may call. None may listen anew: what listens already goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Network {
    /// Nobody: it can open no socket.
    Closed,
    /// Anybody: who may be called is decided elsewhere.
    Open,
    /// By TCP, these ports of anybody.
    Ports(BTreeSet<u16>),
}

/// What to do where the kernel lacks a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Take what there is.
    Auto,
    /// Refuse to go on.
    On,
}

#[cfg(target_os = "linux")]
impl Wall {
    /// Enters, for good. Must be called before any other thread is started. Returns what the kernel lacks.
    pub fn enter(&self, mode: Mode) -> Result<Vec<&'static str>, Error> {
        let support = Support::probe();
        let mut missing = support.missing();
        if mode == Mode::On && !missing.is_empty() {
            return Err(Error::Missing { missing });
        }
        process::alone()?;
        process::keep_memory_private()?;
        rules::apply(self)?;
        // Last: the calls that set up the rules are among those it denies.
        if support.calls
            && let Err(error) = filter::apply(self)
        {
            // A container may deny what its kernel has.
            if mode == Mode::On {
                return Err(error);
            }
            missing.push(support::CALLS);
        }
        Ok(missing)
    }
}
