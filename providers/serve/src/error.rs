//! Failures of building an application, and of listening.

use crate::staging::FilesError;
use std::net::SocketAddr;
use std::path::PathBuf;
use thiserror::Error;

/// An application that cannot be started.
#[derive(Debug, Error)]
pub enum BuildError {
    /// The compiler or the pool refused its settings.
    #[error("cannot set up the Wasm engine")]
    Engine(#[source] wasmtime::Error),
    /// A component's file, or a leaf's, does not compose.
    #[error(transparent)]
    Compose(#[from] gyre_compose::Error),
    /// A value of the manifest cannot be used.
    #[error(transparent)]
    Manifest(#[from] gyre_manifest::Error),
    /// An entry of `allowed_outbound_hosts` is malformed.
    #[error("component.{component}")]
    Hosts {
        /// Whose.
        component: String,
        /// Why.
        #[source]
        source: gyre_capability_http::ParseError,
    },
    /// The file is no component, or one for another host.
    #[error("component.{component}: cannot compile {file}\nhint: run `cargo xtask build`")]
    Compile {
        /// Whose.
        component: String,
        /// Its file.
        file: String,
        /// Why.
        #[source]
        source: wasmtime::Error,
    },
    /// The clock that makes guests give way cannot be started.
    #[error("cannot start the clock of the Wasm engine\nhint: this machine has no thread left for it")]
    Clock(#[source] std::io::Error),
    /// The component wants an interface this host does not have.
    #[error(
        "component.{component}: needs an interface this host does not provide, or has the wrong exports\nhint: import only what docs/interfaces.md has"
    )]
    Link {
        /// Whose.
        component: String,
        /// Which.
        #[source]
        source: wasmtime::Error,
    },
    /// The running pool has no room for it.
    #[error(
        "component.{component}: memory_bytes_max is more than this process was started for ({bytes_max} bytes)\nhint: restart gyre"
    )]
    Restart {
        /// Whose.
        component: String,
        /// The most that any component may have until then.
        bytes_max: u64,
    },
    /// The component is called in a way that this host does not know.
    #[error("component.{component}: it exports {export}, which cannot be called\nhint: it is {reason}")]
    Export {
        /// Whose.
        component: String,
        /// What it has.
        export: String,
        /// Why, and the cure.
        reason: &'static str,
    },
    /// A static answer that cannot be sent.
    #[error(
        "trigger.http with route `{route}`: static_response: {problem}\nhint: mend its headers and status_code in spin.toml"
    )]
    Static {
        /// Where.
        route: String,
        /// Why.
        problem: String,
    },
    /// The folder for the output of guests cannot be written.
    #[error("cannot write {}\nhint: name another folder with --log-dir", path.display())]
    GuestLog {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The component imports an interface of Spin that this host does not have.
    #[error("component.{component}: imports {import}: {what}\nhint: {hint}")]
    Unsupported {
        /// Whose.
        component: String,
        /// The import.
        import: String,
        /// What is not here.
        what: &'static str,
        /// What to do instead.
        hint: &'static str,
    },
    /// A trigger calls what its component does not export.
    #[error(
        "component.{component}: has a trigger of kind `{trigger}` and does not export {export}\nhint: give the trigger a component that does, or remove it"
    )]
    NoExport {
        /// Whose.
        component: String,
        /// The kind of trigger.
        trigger: &'static str,
        /// What it calls.
        export: &'static str,
    },
    /// The address of a Redis trigger, which may hold a password and is not repeated.
    #[error("{0}: is no address of a Redis server\nhint: write it as \"redis://host:6379\"")]
    RedisAddress(String),
    /// A granted store or database is kept nowhere.
    #[error(
        "component.{component}.{grant}: nothing keeps `{label}`\nhint: write [{table}.{label}] with type = \"spin\" and a path into a file, and name the file with --runtime-config-file; only `default` needs none"
    )]
    Unkept {
        /// Whose.
        component: String,
        /// The key of the manifest that grants it.
        grant: &'static str,
        /// Its label.
        label: String,
        /// The table of the runtime configuration that would say where it is kept.
        table: &'static str,
    },
    /// Files that a component may read cannot be given to it.
    #[error("component.{component}")]
    Files {
        /// Whose.
        component: String,
        /// Why.
        #[source]
        source: FilesError,
    },
}

/// A socket that cannot be opened.
#[derive(Debug, Error)]
pub enum ListenError {
    /// Another process has the port.
    #[error("{0} is in use\nhint: stop what listens there, or choose another address with --listen")]
    InUse(SocketAddr),
    /// Anything else.
    #[error("cannot listen on {address}")]
    Other {
        /// Where.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}
