//! Failures: of building an application, of listening, of one call.

use crate::staging::FilesError;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
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

/// A call that came to nothing.
#[derive(Debug, Error)]
pub enum CallError {
    /// No such component in this application.
    #[error("there is no component `{0}` in this application")]
    NotFound(String),
    /// Components call each other in a circle.
    #[error("more than {0} chained calls\nhint: components call each other in a circle")]
    TooManyHops(u8),
    /// Too many sandboxes are running.
    #[error("too many calls at once\nhint: try again in {} s", retry_after.as_secs())]
    Overloaded {
        /// When to try again.
        retry_after: Duration,
    },
    /// The call took longer than its component may.
    #[error(
        "component `{component}` did not finish within {limit_ms} ms\nhint: raise request_ms_max in [component.{component}.tool.gyre]"
    )]
    Timeout {
        /// Whose.
        component: String,
        /// Its limit.
        limit_ms: u64,
    },
    /// The answer is larger than its component may give.
    #[error(
        "component `{component}` answered with more than {limit_bytes} bytes\nhint: raise response_bytes_max in [component.{component}.tool.gyre]"
    )]
    TooLarge {
        /// Whose.
        component: String,
        /// Its limit.
        limit_bytes: u64,
    },
    /// A message is larger than its component may get.
    #[error(
        "component `{component}` was sent a message of more than {limit_bytes} bytes\nhint: raise request_bytes_max in [component.{component}.tool.gyre]"
    )]
    MessageTooLarge {
        /// Whose.
        component: String,
        /// Its limit.
        limit_bytes: u64,
    },
    /// The guest said that it could not handle a message; what it said may hold anything.
    #[error("component `{component}` refused a message with the error `{kind}`\nhint: its own log says why")]
    MessageRefused {
        /// Whose.
        component: String,
        /// The kind of its error.
        kind: &'static str,
    },
    /// The guest trapped, or broke the protocol. The source is for the log, never for a client.
    #[error("component `{component}` failed\nhint: the log of the host says why")]
    Failed {
        /// Whose.
        component: String,
        /// Why.
        #[source]
        source: wasmtime::Error,
    },
}

impl CallError {
    /// Logs the whole chain; a client sees the first message only.
    pub(crate) fn report(&self) {
        let cause = std::error::Error::source(self).map(|source| format!("{source:?}"));
        tracing::error!(cause = cause.as_deref().unwrap_or("none"), "{self}");
    }
}

/// What a sandbox sees of a neighbour's failure.
impl From<CallError> for wasmtime_wasi_http::Error {
    fn from(error: CallError) -> Self {
        match error {
            CallError::NotFound(_) => Self::DestinationNotFound,
            CallError::TooManyHops(_) => Self::LoopDetected,
            CallError::Overloaded { .. } => Self::ConnectionLimitReached,
            CallError::Timeout { .. } => Self::HttpResponseTimeout,
            CallError::TooLarge { .. } => Self::HttpResponseBodySize(None),
            CallError::MessageTooLarge { .. }
            | CallError::MessageRefused { .. }
            | CallError::Failed { .. } => Self::InternalError(Some(error.to_string())),
        }
    }
}
