//! Systems whose kernels have no such wall: nothing is denied, and that is told.

use crate::{Error, Mode, Support, Wall};
use std::ffi::OsString;

/// Changes nothing: the environment is as readable as the process that has it.
pub fn shed(_set: &[(&str, OsString)], _prefixes: &[String]) -> Result<(), Error> {
    Ok(())
}

/// Refuses: a bound that is not kept is none.
pub fn limit_memory(_bytes: u64) -> Result<(), Error> {
    Err(Error::Missing {
        missing: vec!["a bound on memory"],
    })
}

impl Wall {
    /// Denies nothing. Returns all that is lacking, or refuses to go on without.
    pub fn enter(&self, mode: Mode) -> Result<Vec<&'static str>, Error> {
        let missing = Support::probe().missing();
        match mode {
            Mode::Auto => Ok(missing),
            Mode::On => Err(Error::Missing { missing }),
        }
    }
}

impl Support {
    /// There is none of it.
    #[must_use]
    pub fn probe() -> Self {
        Self {
            files: false,
            ports: false,
            devices: false,
            signals: false,
            calls: false,
        }
    }
}
