//! Why a program did not run, or not to its end.

use std::path::{Path, PathBuf};

/// Why a program did not run, or not to its end. What the program itself printed is not in it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be run.
    #[error("{}: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        cause: Cause,
    },
    /// A folder that was granted cannot be opened.
    #[error("--dir {}: it cannot be opened; hint: name a folder that is there, as --dir HOST::GUEST", host.display())]
    Mount {
        /// The folder.
        host: PathBuf,
        /// Why.
        #[source]
        source: wasmtime::Error,
    },
    /// A model that was granted cannot be used.
    #[error("--model {name}: {reason}")]
    Model {
        /// Its name.
        name: String,
        /// Why, with the cure.
        reason: String,
    },
    /// The Wasm engine cannot be set up.
    #[error("the WebAssembly engine cannot be set up")]
    Engine(#[source] wasmtime::Error),
    /// The program trapped.
    #[error("{} trapped: {what}{at}", path.display())]
    Trapped {
        /// The file.
        path: PathBuf,
        /// What happened.
        what: String,
        /// In which functions, innermost first, a line each; empty when that is not known.
        at: String,
    },
    /// Its time is over.
    #[error("{} was ended after {limit_ms} ms; hint: give it longer with --timeout-ms", path.display())]
    Timeout {
        /// The file.
        path: PathBuf,
        /// Its limit.
        limit_ms: u64,
    },
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// It cannot be read.
    #[error("cannot be read: {0}; hint: give the path of a .wasm or .wat file")]
    Unreadable(std::io::Error),
    /// It is too large.
    #[error("is larger than {limit_bytes} bytes; hint: strip its debug sections")]
    TooLarge {
        /// The limit.
        limit_bytes: u64,
    },
    /// It is something else.
    #[error("is no WebAssembly; hint: build it for wasm32-wasip2 or wasm32-wasip1")]
    NoWasm,
    /// It is text that is not WebAssembly's.
    #[error("is no WebAssembly text: {0}; hint: mend it, or give the binary")]
    Text(String),
    /// It is a component that is no command.
    #[error("exports no wasi:cli/run of 0.2 or 0.3, but {exports}; hint: {cure}")]
    NoCommand {
        /// What it exports.
        exports: String,
        /// What to do instead.
        cure: &'static str,
    },
    /// It is a module without an entry point.
    #[error("exports no function `_start`; hint: build a program, not a library, for wasm32-wasip1")]
    NoStart,
    /// It does not compile.
    #[error("does not compile: {0}; hint: is it made for a newer WebAssembly?")]
    Invalid(String),
    /// It imports what this host does not give to programs.
    #[error("{0}; hint: `gyre run` gives WASI, wasi:http and wasi-nn; what needs more runs under `gyre up`")]
    Link(String),
}

impl Error {
    pub(crate) fn file(path: &Path, cause: Cause) -> Self {
        Self::File {
            path: path.to_owned(),
            cause,
        }
    }
}
