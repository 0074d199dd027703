//! Why a component could not be composed.

use std::path::PathBuf;

/// Why a component could not be composed. The text says what failed, where, and how to mend it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A component file cannot be read.
    #[error("{key}: cannot read {}\nhint: build it first (`cargo xtask build`), or correct the path", path.display())]
    Unreadable {
        /// The key of the manifest that names the file.
        key: String,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A component has still to be fetched.
    #[error(
        "{key}: {url} has not been fetched\nhint: `gyre up` and `gyre build --up` fetch it before they start"
    )]
    NotFetched {
        /// The key of the manifest that names it.
        key: String,
        /// Where it is.
        url: String,
    },
    /// A component file is larger than any we would compile.
    #[error("{key}: {} has {bytes} bytes, more than the {bytes_max} allowed\nhint: build it in release mode", path.display())]
    TooLarge {
        /// The key of the manifest that names the file.
        key: String,
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
        /// The limit.
        bytes_max: u64,
    },
    /// A file is no component.
    #[error("{key}: {} is not a WebAssembly component: {what}\nhint: build it for the target wasm32-wasip2", path.display())]
    NotAComponent {
        /// The key of the manifest that names the file.
        key: String,
        /// The file.
        path: PathBuf,
        /// What the decoder said.
        what: String,
    },
    /// The wiring does not fit the components, or a leaf wants what it was not given.
    #[error("{key}: {what}\nhint: {hint}")]
    Wiring {
        /// The key of the manifest.
        key: String,
        /// What is wrong.
        what: String,
        /// How to mend it.
        hint: String,
    },
    /// The composition could not be written: a defect of this host or of a component.
    #[error(
        "{key}: cannot be composed: {what}\nhint: build the component and its leaves again from one set of WIT files"
    )]
    Encoding {
        /// The key of the manifest.
        key: String,
        /// What the encoder said.
        what: String,
    },
}
