//! Why a leaf was not described or not frozen: the file, what is wrong with it, the cure.

use std::path::PathBuf;

/// Why a leaf was not described or not frozen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read {}: {source}; hint: name the .wasm file of a tool, as `cargo xtask build` leaves it", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is no component.
    #[error("{} is no WebAssembly component: {reason}; hint: build it for the target wasm32-wasip2", file.display())]
    NotAComponent {
        /// The file.
        file: PathBuf,
        /// As the compiler put it.
        reason: String,
    },
    /// It is a component, but no tool.
    #[error("{} exports no {interface}; hint: a tool exports `world leaf` of wit/tool", file.display())]
    NotATool {
        /// The file.
        file: PathBuf,
        /// What a tool exports.
        interface: &'static str,
    },
    /// It could not be run, or `describe` failed.
    #[error("describe of {} failed: {reason}; hint: it runs without files, network, environment or any other power, and must need none", file.display())]
    Failed {
        /// The file.
        file: PathBuf,
        /// The trap, or what could not be linked.
        reason: String,
    },
    /// `describe` took too long.
    #[error("describe of {} took longer than {limit_ms} ms; hint: it should only return what it knows", file.display())]
    Timeout {
        /// The file.
        file: PathBuf,
        /// The bound.
        limit_ms: u64,
    },
    /// What it says of its tools is wrong.
    #[error("{}: {what}; hint: {cure}", file.display())]
    Spec {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        what: String,
        /// The cure.
        cure: &'static str,
    },
    /// The name of the file names no tool.
    #[error("{} has no name of a tool; hint: call the component tool-<name>", file.display())]
    Name {
        /// The file.
        file: PathBuf,
    },
    /// The frozen file cannot be written.
    #[error("cannot write {}: {source}; hint: choose another folder with --out", file.display())]
    Write {
        /// The frozen file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}
