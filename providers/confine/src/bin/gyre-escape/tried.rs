//! One try.

use std::{fmt, io};

/// What came of a try.
pub(crate) struct Tried {
    what: &'static str,
    outcome: io::Result<()>,
}

impl Tried {
    pub(crate) fn new(what: &'static str, outcome: io::Result<()>) -> Self {
        Self { what, outcome }
    }
}

impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.outcome {
            Ok(()) => write!(f, "DONE    {:40} -", self.what),
            Err(error) => write!(f, "denied  {:40} {error}", self.what),
        }
    }
}

/// What came of it, without what it gave.
pub(crate) fn tried<T>(what: &'static str, outcome: io::Result<T>) -> Tried {
    Tried {
        what,
        outcome: outcome.map(drop),
    }
}
