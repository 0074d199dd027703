//! Runs one WebAssembly file to its end: what `gyre run FILE` does.
//!
//! A file is a component that exports `wasi:cli/run` (0.2 or 0.3), or a core module of WASI preview 1, which may
//! use the ABI `wasi_ephemeral_nn` of the crate `wasi-nn`. Either gets what [`Grants`] says and nothing else: no
//! folder, no variable, no host and no model unless it is named. stdin, stdout and stderr are those of this process.
//!
//! ```no_run
//! use gyre_command::{Grants, Limits, Program};
//!
//! # async fn example() -> Result<(), gyre_command::Error> {
//! let program = Program {
//!     file: "hello.wasm".into(),
//!     arguments: vec!["world".to_owned()],
//!     grants: Grants::default(),
//!     limits: Limits { memory_bytes_max: 1 << 30, time_ms_max: Some(5_000) },
//!     cache_dir: None,
//! };
//! let exit_code = gyre_command::run(program, std::future::pending()).await?;
//! # Ok(())
//! # }
//! ```

mod component;
mod egress;
mod engine;
mod error;
mod file;
mod grants;
mod memory;
mod module;
mod nn;
mod outcome;
mod task;

pub use error::{Cause, Error};
pub use grants::{Grants, Mount};
pub use outcome::Ended;

use std::path::PathBuf;

/// What to run, and with what.
pub struct Program {
    /// The file: WebAssembly, or its text form.
    pub file: PathBuf,
    /// Arguments after the program's own name.
    pub arguments: Vec<String>,
    /// What it may do.
    pub grants: Grants,
    /// How much of this machine it may take.
    pub limits: Limits,
    /// Where compiled code is kept between runs.
    pub cache_dir: Option<PathBuf>,
}

/// How much of this machine a program may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of all its memories together.
    pub memory_bytes_max: u64,
    /// Time from its start to its end; nothing is no bound.
    pub time_ms_max: Option<u64>,
}

/// Runs the program until it ends, its time is over, or `stop` is ready.
///
/// Must be called within a Tokio runtime that has several threads.
pub async fn run(program: Program, stop: impl Future<Output = ()>) -> Result<Ended, Error> {
    let code = file::read(&program.file)?;
    let engine = engine::build(program.cache_dir.as_deref())?;
    let (limits, file) = (program.limits, program.file.clone());
    let (stopping, stopped) = tokio::sync::watch::channel(false);
    let guest = match code.kind {
        file::Kind::Component => task::Guest::Component(component::prepare(&engine, &code.bytes, &program)?),
        file::Kind::Module => {
            task::Guest::Module(module::prepare(&engine, &code.bytes, &program, stopped).await?)
        }
    };
    task::run(guest, &file, limits, stopping, stop).await
}
