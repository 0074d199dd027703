//! What can go wrong with the wall.

#[cfg(target_os = "linux")]
use std::path::PathBuf;

/// Why the wall does not stand.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The kernel lacks a part, and all of it was asked for.
    #[error(
        "this kernel has not all of the second wall: it lacks {}\nhint: Linux 6.12 or later has it all, with `landlock` among its security modules; or start with --confine auto",
        missing.join(", ")
    )]
    Missing {
        /// What it lacks.
        missing: Vec<&'static str>,
    },
    /// Threads were started too early: they would stay outside.
    #[error(
        "{count} threads run before the second wall stands: they would stay outside it\nhint: this is a bug of gyre"
    )]
    Threads {
        /// How many.
        count: u64,
    },
    /// A path that must be reached is not there.
    #[cfg(target_os = "linux")]
    #[error("the second wall cannot let {} through\nhint: is it there, and may this user open it?", path.display())]
    Path {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: landlock::PathFdError,
    },
    /// Landlock refused its rules.
    #[cfg(target_os = "linux")]
    #[error("Landlock cannot be set up\nhint: start with --confine off to run without")]
    Rules(#[from] landlock::RulesetError),
    /// Seccomp refused its filter.
    #[cfg(target_os = "linux")]
    #[error("the filter of system calls cannot be set up\nhint: start with --confine off to run without")]
    Filter(#[from] seccompiler::Error),
    /// The process could not be started anew.
    #[error(
        "cannot start anew without the variables that are not for gyre\nhint: start with --confine off to keep them"
    )]
    Anew(#[source] std::io::Error),
    /// The system refused a limit, or did not say what there is.
    #[error("cannot {what}\nhint: start with --confine off to run without")]
    System {
        /// What was tried.
        what: &'static str,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
}
